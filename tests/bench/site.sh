# shellcheck shell=bash
# A web server with TLS 1.3, and a disk of its own for what is unpacked. Sourced; $SITE is a folder that goes away afterwards.

DISK_BYTES=$((4 << 30))

# site_begin: $SITE, with $SITE/www to be served at $URL and the certificate $SITE/ca.pem.
site_begin() {
	SITE=$(mktemp -d "${TMPDIR:-/var/tmp}/haishin-bench-XXXXXX")
	trap site_end EXIT
	mkdir -p "$SITE/www" "$SITE/disk"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$SITE/key.pem" -out "$SITE/ca.pem" 2>/dev/null
	make_disk_file
	start_nginx
}

site_end() {
	disk_drop
	[ -z "${NGINX_PID:-}" ] || kill "$NGINX_PID" 2>/dev/null || true
	[ -z "${DISK_FILE:-}" ] || rm -f "$DISK_FILE" "$DISK_FILE.slot"
	rm -rf "$SITE"
}

# The machine's own disk can be so slow that it hides every difference; memory cannot.
make_disk_file() {
	local folder=${BENCH_DISK_FOLDER:-/dev/shm}
	[ "$(df --output=avail -B1 "$folder" | tail -n 1)" -gt $DISK_BYTES ] || folder=$SITE
	DISK_FILE=$(mktemp "$folder/haishin-bench-disk-XXXXXX")
	truncate -s $DISK_BYTES "$DISK_FILE"
}

# disk_fresh: an empty ext4 at $SITE/disk, on the loop device $DISK_DEVICE.
disk_fresh() {
	disk_drop
	mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$DISK_FILE"
	DISK_DEVICE=$(losetup --find --show "$DISK_FILE")
	mount "$DISK_DEVICE" "$SITE/disk"
}

# slot_fresh: beside the disk a blank one, $SLOT_DEVICE, for a method that makes a file system of its own.
slot_fresh() {
	truncate -s 0 "$DISK_FILE.slot"
	truncate -s $DISK_BYTES "$DISK_FILE.slot"
	SLOT_DEVICE=$(losetup --find --show "$DISK_FILE.slot")
	export SLOT_DEVICE
}

disk_drop() {
	[ -n "${DISK_DEVICE:-}" ] || return 0
	umount --recursive "$SITE/disk"
	losetup --detach "$DISK_DEVICE"
	[ -z "${SLOT_DEVICE:-}" ] || losetup --detach "$SLOT_DEVICE"
	DISK_DEVICE=
	SLOT_DEVICE=
}

# disk_counters: sectors written and flushes of the disk, and of the slot where there is one, so far.
disk_counters() {
	local device
	for device in $DISK_DEVICE ${SLOT_DEVICE:-}; do
		cat "/sys/block/${device#/dev/}/stat"
	done | awk '{ sectors += $7; flushes += $16 } END { print sectors, flushes }'
}

free_port() {
	local port
	for port in $(shuf -i 20000-32000 -n 20); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
	done
	return 1
}

# One worker, on the second core.
start_nginx() {
	local port end=$((SECONDS + 20))
	port=$(free_port)
	URL=https://localhost:$port
	cat >"$SITE/nginx.conf" <<EOF
daemon off;
worker_processes 1;
user root root;
pid $SITE/nginx.pid;
error_log $SITE/nginx-error.log;
events { worker_connections 64; }
http {
	log_format bytes '\$bytes_sent';
	access_log $SITE/access.log bytes;
	sendfile on;
	keepalive_requests 1000000;
	client_body_temp_path $SITE/t1;
	proxy_temp_path $SITE/t2;
	fastcgi_temp_path $SITE/t3;
	uwsgi_temp_path $SITE/t4;
	scgi_temp_path $SITE/t5;
	server {
		listen 127.0.0.1:$port ssl http2;
		ssl_certificate $SITE/ca.pem;
		ssl_certificate_key $SITE/key.pem;
		ssl_protocols TLSv1.3;
		root $SITE/www;
	}
}
EOF
	taskset -c "$(($(nproc) - 1))" /usr/sbin/nginx -e "$SITE/nginx-error.log" -c "$SITE/nginx.conf" &
	NGINX_PID=$!
	until curl -s --cacert "$SITE/ca.pem" -o /dev/null "$URL/"; do
		[ $SECONDS -lt $end ] || { echo "tests/bench: nginx does not answer:" >&2; cat "$SITE/nginx-error.log" >&2; return 1; }
		read -rt 0.05 <> <(:) || true
	done
}

# wire_reset, wire_bytes: what the server sent in between, headers too.
wire_reset() {
	: >"$SITE/access.log"
}

wire_bytes() {
	awk '{ sum += $1 } END { print sum + 0 }' "$SITE/access.log"
}
