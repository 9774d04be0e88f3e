// Checks what our ledger makes with golang.org/x/mod/sumdb, and makes what our ledger checks (README.md).
//
//	peer check FOLDER < LINES    the lines hold, and the ledger in FOLDER is what its checkpoint says
//	peer make > LINES
//	peer ledger FOLDER SIZE      makes a ledger of reports' entries there, and FOLDER.policy, by which it is believed
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const sparseBase = 16777213

// A tree whose leaves are known by their number: leaf hashes from BASE on differ, those before are one and the same.
type tree struct {
	base int64
	full [64]tlog.Hash
}

func newTree(base int64) *tree {
	t := &tree{base: base}
	t.full[0] = tlog.RecordHash([]byte("same"))
	for i := 1; i < len(t.full); i++ {
		t.full[i] = tlog.NodeHash(t.full[i-1], t.full[i-1])
	}
	return t
}

func (t *tree) hash(level int, n int64) tlog.Hash {
	if (n+1)<<uint(level) <= t.base {
		return t.full[level]
	}
	if level == 0 {
		return tlog.RecordHash([]byte(fmt.Sprintf("entry %d", n)))
	}
	return tlog.NodeHash(t.hash(level-1, 2*n), t.hash(level-1, 2*n+1))
}

// Keeps what it has computed.
func (t *tree) reader() tlog.HashReader {
	known := map[int64]tlog.Hash{}
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hash, ok := known[index]
			if !ok {
				level, n := tlog.SplitStoredHashIndex(index)
				hash = t.hash(level, n)
				known[index] = hash
			}
			hashes[i] = hash
		}
		return hashes, nil
	})
}

var readers = map[string]tlog.HashReader{
	"entries": newTree(0).reader(),
	"sparse":  newTree(sparseBase).reader(),
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	must(err)
	return n
}

func hash(text string) tlog.Hash {
	h, err := tlog.ParseHash(text)
	must(err)
	return h
}

func hashes(texts []string) []tlog.Hash {
	var all []tlog.Hash
	for _, text := range texts {
		all = append(all, hash(text))
	}
	return all
}

func decode(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	must(err)
	return data
}

// ---- Checking ----

func holdsInclusion(words []string) bool {
	return tlog.CheckRecord(hashes(words[4:]), number(words[0]), hash(words[1]), number(words[2]), hash(words[3])) == nil
}

func holdsConsistency(words []string) bool {
	return tlog.CheckTree(hashes(words[4:]), number(words[2]), hash(words[3]), number(words[0]), hash(words[1])) == nil
}

func holdsTree(words []string) bool {
	root, err := tlog.TreeHash(number(words[1]), readers[words[0]])
	must(err)
	return root == hash(words[2])
}

func holdsNote(words []string) bool {
	verifier, err := note.NewVerifier(words[0])
	must(err)
	opened, err := note.Open(decode(words[1]), note.VerifierList(verifier))
	return err == nil && len(opened.Sigs) == 1
}

// c2sp.org/tlog-cosignature, which the library does not know.
func cosignedMessage(text string, time uint64) []byte {
	return []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text))
}

func cosignerID(name string, public []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n\x04"), public...))
	return binary.BigEndian.Uint32(sum[:])
}

func holdsCosignature(words []string) bool {
	parts := strings.SplitN(words[0], "+", 3)
	public := decode(parts[2])[1:]
	text := string(decode(words[2]))
	split := strings.LastIndex(text, "\n\n")
	line := strings.TrimSuffix(text[split+2:], "\n")
	fields := strings.Fields(line)
	signature := decode(fields[2])
	time := binary.BigEndian.Uint64(signature[4:12])
	return fields[1] == parts[0] && fmt.Sprintf("%08x", binary.BigEndian.Uint32(signature)) == parts[1] &&
		binary.BigEndian.Uint32(signature) == cosignerID(parts[0], public) &&
		strconv.FormatUint(time, 10) == words[1] &&
		ed25519.Verify(public, cosignedMessage(text[:split+1], time), signature[12:])
}

func holds(line string) bool {
	words := strings.Fields(line)
	switch words[0] {
	case "tree":
		return holdsTree(words[1:])
	case "inclusion":
		return holdsInclusion(words[1:])
	case "no-inclusion":
		return !holdsInclusion(words[1:])
	case "consistency":
		return holdsConsistency(words[1:])
	case "no-consistency":
		return !holdsConsistency(words[1:])
	case "note":
		return holdsNote(words[1:])
	case "cosigned":
		return holdsCosignature(words[1:])
	}
	log.Fatalf("what is '%s'?", words[0])
	return false
}

// Reads the tiles of a folder as c2sp.org/tlog-tiles lays them out.
type folder struct{ path string }

func (f folder) Height() int                             { return 8 }
func (f folder) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.path, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func bundlePath(n, size int64) string {
	path := strings.Replace(tlog.Tile{H: 8, L: 0, N: n, W: 256}.Path(), "tile/8/0/", "tile/entries/", 1)
	if (n+1)*256 > size {
		path += fmt.Sprintf(".p/%d", size%256)
	}
	return path
}

func checkBundles(f folder, size int64, read tlog.HashReader) {
	for n := int64(0); n*256 < size; n++ {
		data, err := os.ReadFile(filepath.Join(f.path, bundlePath(n, size)))
		must(err)
		for i := n * 256; i < size && i < (n+1)*256; i++ {
			length := int(binary.BigEndian.Uint16(data))
			stored, err := read.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
			must(err)
			if tlog.RecordHash(data[2:2+length]) != stored[0] {
				log.Fatalf("entry %d is not what was hashed", i)
			}
			data = data[2+length:]
		}
		if len(data) > 0 {
			log.Fatalf("bundle %d goes on behind its last entry", n)
		}
	}
}

// The ledger in the folder, from its checkpoint down to each entry.
func checkLedger(path string) {
	key, err := os.ReadFile(filepath.Join(path, "..", "key"))
	must(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	must(err)
	data, err := os.ReadFile(filepath.Join(path, "checkpoint"))
	must(err)
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size := number(lines[1])
	if lines[0] != verifier.Name() {
		log.Fatalf("a checkpoint of %s", lines[0])
	}
	read := tlog.TileHashReader(tlog.Tree{N: size, Hash: hash(lines[2])}, folder{path})
	checkBundles(folder{path}, size, read)
	fmt.Printf("%d entries of the ledger hold\n", size)
}

func check(path string) {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 1<<20)
	count := 0
	for ; scanner.Scan(); count++ {
		if !holds(scanner.Text()) {
			log.Fatalf("does not hold: %s", scanner.Text())
		}
	}
	must(scanner.Err())
	if count == 0 {
		log.Fatal("no line to check")
	}
	fmt.Printf("%d lines hold\n", count)
	checkLedger(path)
}

// ---- Making ----

func words(all []tlog.Hash) string {
	text := ""
	for _, h := range all {
		text += " " + h.String()
	}
	return text
}

func spoil(all []tlog.Hash, at int64) []tlog.Hash {
	changed := append([]tlog.Hash(nil), all...)
	changed[at%int64(len(all))][at%tlog.HashSize] ^= 0x10
	return changed
}

func makeInclusion(out io.Writer, read tlog.HashReader, root tlog.Hash, size, index int64) {
	proof, err := tlog.ProveRecord(size, index, read)
	must(err)
	leaf, err := read.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	must(err)
	fmt.Fprintf(out, "inclusion %d %v %d %v%s\n", size, root, index, leaf[0], words(proof))
	if len(proof) > 0 {
		fmt.Fprintf(out, "no-inclusion %d %v %d %v%s\n", size, root, index, leaf[0], words(spoil(proof, index)))
	}
}

func makeConsistency(out io.Writer, read tlog.HashReader, root tlog.Hash, size, old int64) {
	oldRoot, err := tlog.TreeHash(old, read)
	must(err)
	proof, err := tlog.ProveTree(size, old, read)
	must(err)
	fmt.Fprintf(out, "consistency %d %v %d %v%s\n", old, oldRoot, size, root, words(proof))
	if len(proof) > 0 {
		fmt.Fprintf(out, "no-consistency %d %v %d %v%s\n", old, oldRoot, size, root, words(spoil(proof, old)))
	}
}

func makeTree(out io.Writer, name string, size int64) {
	read := readers[name]
	root, err := tlog.TreeHash(size, read)
	must(err)
	fmt.Fprintf(out, "tree %s %d %v\n", name, size, root)
	for _, at := range []int64{0, 1, 2, 255, 256, 257, size / 3, size / 2, size - 2, size - 1} {
		if at < 0 || at >= size {
			continue
		}
		makeInclusion(out, read, root, size, at)
		makeConsistency(out, read, root, size, at+1)
	}
}

func makeNotes(out io.Writer) {
	secret, key, err := note.GenerateKey(rand.Reader, "peer.example/log")
	must(err)
	signer, err := note.NewSigner(secret)
	must(err)
	other, _, err := note.GenerateKey(rand.Reader, "peer.example/other")
	must(err)
	second, err := note.NewSigner(other)
	must(err)
	text := "peer.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
	signed, err := note.Sign(&note.Note{Text: text}, second, signer)
	must(err)
	fmt.Fprintf(out, "note %s %s\n", key, base64.StdEncoding.EncodeToString(signed))

	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	const name, time = "peer.example/witness", 1679315147
	signature := binary.BigEndian.AppendUint32(nil, cosignerID(name, public))
	signature = binary.BigEndian.AppendUint64(signature, time)
	signature = append(signature, ed25519.Sign(private, cosignedMessage(text, time))...)
	cosigned := fmt.Sprintf("%s\n\u2014 %s %s\n", text, name, base64.StdEncoding.EncodeToString(signature))
	fmt.Fprintf(out, "cosigned %s+%08x+%s %d %s\n", name, cosignerID(name, public),
		base64.StdEncoding.EncodeToString(append([]byte{4}, public...)), time,
		base64.StdEncoding.EncodeToString([]byte(cosigned)))
}

func makeLines() {
	out := bufio.NewWriter(os.Stdout)
	for size := int64(1); size <= 1100; size++ {
		makeTree(out, "entries", size)
	}
	for size := int64(65534); size <= 65539; size++ {
		makeTree(out, "entries", size)
	}
	for size := int64(sparseBase); size <= sparseBase+7; size++ {
		makeTree(out, "sparse", size)
	}
	makeNotes(out)
	must(out.Flush())
}

// ---- A whole ledger ----

func write(path string, data []byte) {
	must(os.MkdirAll(filepath.Dir(path), 0755))
	must(os.WriteFile(path, data, 0644))
}

// What haishin's ledger has of the report of this number of one terminal.
func entry(n int64) []byte {
	digest := sha256.Sum256([]byte(fmt.Sprint("report ", n)))
	head := sha256.Sum256([]byte(fmt.Sprint("row ", 3*n)))
	terminal := sha256.Sum256([]byte("terminal"))
	return []byte(fmt.Sprintf(`{"form":"haishin-ledger-entry-1","head":"%s","report":%d,"rows":%d,"sha256":"%x","terminal":"%s"}`,
		base64.StdEncoding.EncodeToString(head[:]), n+1, 3*n+3, digest, base64.StdEncoding.EncodeToString(terminal[:])))
}

func makeBundles(path string, size int64) {
	for n := int64(0); n*256 < size; n++ {
		var data []byte
		for i := n * 256; i < size && i < (n+1)*256; i++ {
			data = binary.BigEndian.AppendUint16(data, uint16(len(entry(i))))
			data = append(data, entry(i)...)
		}
		write(filepath.Join(path, bundlePath(n, size)), data)
	}
}

func makeTiles(path string, size int64) tlog.Hash {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	for n := int64(0); n < size; n++ {
		more, err := tlog.StoredHashes(n, entry(n), read)
		must(err)
		stored = append(stored, more...)
	}
	for _, tile := range tlog.NewTiles(8, 0, size) {
		data, err := tlog.ReadTileData(tile, read)
		must(err)
		write(filepath.Join(path, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)), data)
	}
	root, err := tlog.TreeHash(size, read)
	must(err)
	return root
}

func makeLedger(path string, size int64) {
	const name = "peer.example/ledger"
	secret, key, err := note.GenerateKey(rand.Reader, name)
	must(err)
	signer, err := note.NewSigner(secret)
	must(err)
	makeBundles(path, size)
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%v\n", name, size, makeTiles(path, size))}, signer)
	must(err)
	write(filepath.Join(path, "checkpoint"), signed)
	write(path+".policy", []byte("log "+key+"\nquorum none\n"))
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "check" {
		check(os.Args[2])
	} else if len(os.Args) == 2 && os.Args[1] == "make" {
		makeLines()
	} else if len(os.Args) == 4 && os.Args[1] == "ledger" {
		makeLedger(os.Args[2], number(os.Args[3]))
	} else {
		log.Fatal("usage: peer check FOLDER | peer make | peer ledger FOLDER SIZE")
	}
}
