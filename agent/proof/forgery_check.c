#include "agent/proof/forgery_check.h"

#include <stdlib.h>
#include <string.h>

#include "manifests/tuf/metadata_signers.h"

/* A root document as a publisher's tool signed it with three keys, one of each kind that trust knows, all of which have
 * to have signed. Their private halves are gone. */
/* clang-format off */
static const char document[] =
	"{\"signatures\":[{\"keyid\":\"dc771a4320baa8bd2666af7780c28e802c458b195fa524910e92200c70430067\",\"sig\":\"74"
	"8f417e4104a887aac347d6dffe2b406db37b28979d003a58233a3d0eaf8de51660be17a9089d5ddfddf75bae4a3dd1319ffb"
	"b85b919070517e36be41ee9c08\"},{\"keyid\":\"faa3b48cca29b38468dfa057209c58cebb7231fac022b0442bd1f219d4f4f"
	"49a\",\"sig\":\"3044022028b200c24d568ad3e7012fc0a82ba369dccb7ad781554c505dcdee8f8ce04c93022017e5cefe9b18"
	"373d864ec5d8beeeab33e7809a6f729dfa7c272b35a64bb9e66e\"},{\"keyid\":\"086b218d484bed13e17f49772520c31bac1"
	"64a082ecf6c55e58e75095298c01d\",\"sig\":\"782333e46c3ef13ae01cad177242a25692f8c0bc13105e8ce8107f7a586dd5"
	"3674db4a10b1dae23073e60bfa75a9dfc753719683f71e089290c2740912f8249a74911a6f999733c4b21cf55ab08192f7b1"
	"23cff0b46fc796ff2d4db8c98e050920c3532489bc2226a6141c43751bbd4f9c445067ee9c52eee1172ff9f21f03fc195b88"
	"2dc70b00a8af5db7ee45c002e28aa9dd4bf4587c29618f9cfce91cb0d1138d37d15b6641082d536b8419f6c546092ae0f5eb"
	"800b1e5a36e7586cf54d7b3fd187c6b3e9cf1838f6bfae6f2c478079c02d926d222639db7e8556c09eded158beb016ea7df2"
	"5b5466e5af967d65d3d8802e35c6efa75eaca779fc4938096e965aaeff503831b3206fe7c6ea63d1eb52ae5611ece8e81d98"
	"d4381c36d084bf46e54a664ddaf1a45826a828695ccfba746d64e64920fea576d23296bf82ca21c16f8c64693814cabdb68e"
	"ef7b052a6a7c92dccca80d049ae8f1ab784be77599c992eeb6fa06a4737017244f88953ec2d3fc07a819f2d07c175fa4ed09"
	"5f6147\"}],\"signed\":{\"_type\":\"root\",\"spec_version\":\"1.0.34\",\"version\":1,\"expires\":\"2027-11-21T07:55:1"
	"0Z\",\"consistent_snapshot\":true,\"keys\":{\"dc771a4320baa8bd2666af7780c28e802c458b195fa524910e92200c7043"
	"0067\":{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"a81c13e5c0138eae40ee0549f7285dccdf"
	"1ef53f8ae91e0d8a1e15bed6a93923\"}},\"faa3b48cca29b38468dfa057209c58cebb7231fac022b0442bd1f219d4f4f49a\""
	":{\"keytype\":\"ecdsa\",\"scheme\":\"ecdsa-sha2-nistp256\",\"keyval\":{\"public\":\"-----BEGIN PUBLIC KEY-----\\nM"
	"FkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERp5ZNkGvHS1ACSdNDDdF0kAFLt5V\\n6fqYP+wOFS5ZDuWThSzW7NoMAmxCU/isjKi"
	"Ic//KYOzqj30EfXBrQW7+MQ==\\n-----END PUBLIC KEY-----\\n\"}},\"086b218d484bed13e17f49772520c31bac164a082e"
	"cf6c55e58e75095298c01d\":{\"keytype\":\"rsa\",\"scheme\":\"rsassa-pss-sha256\",\"keyval\":{\"public\":\"-----BEGIN"
	" PUBLIC KEY-----\\nMIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEAl8EYNOvKfT0vJGf7WzKA\\n+F7VG2J5iI0OJ/mh"
	"7DmoBrXk1FBWw78YDwwXXNvLxYlnZ1dH6IZv2iz99hd4NlW4\\nEfyR+/eHmiSNVzzy4PrrfHPqMqQ+MtubQa31tAn9LBVV5b0TbQ"
	"v8i8pcRYEjvF+Z\\nde9CpnOaAzmOdthRFTjvM5Mz7PtR6kdnYaKBAeD4ZsGrCyaP88+ZmoWvoCdqa/Iq\\nW9IsvQ6tO1fdseAbSC"
	"8p9GMqKiPSUcPpFdOqfVGWJGYu7QHpMz9biFM7+A4azlVH\\nKyK9yO3ju/34nzo23eoAlCui1z3+rnt+5ifYC6tdBFnhiZjqMZW8"
	"ABXpwGtpcDtt\\nMMvtnb2wWktkIDdu86uEclEFgTU7ycrC9QSqo6C5knyan6b3iTjNl2QZaohZuN1D\\nPiDo9m3IfaPRzlSly6C4"
	"Ihoo+ZiYH6+MuX9KVGUtR5lUml+R3rrLBy9q0oz/iSVG\\nBMC8bP1QuRrkn/nXxR4mkbrPzdJgEPnUGtSez9cu3FkbAgMBAAE=\\n"
	"-----END PUBLIC KEY-----\\n\"}},\"b11aaa44c94e08842cff0f8c15a17c4310998bbc0e3cf364b75659277128141d\":{\"k"
	"eytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"f0c1c92f7c1adefda00d079bd15abe0ef988fc41502"
	"0d89993d7872c45dd12c6\"}},\"541e1aa96c33fbd6acf63a8ae110d7ac3a9fe09882f033b597597f4a0d96f809\":{\"keytyp"
	"e\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"795a22ee82b179c764ec70e87d909c599b018185877f12db"
	"a4a14ca7c32a28a7\"}},\"e4b598cc5bc5531c97a2e0a8e207e366413d91b6fe2bf78a832ae0f93bce0068\":{\"keytype\":\"e"
	"d25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"7a54018beb94a227a9b7c3b7cfb67711eb0a9250ad4ff3fc6cc5c"
	"e0f61e19af2\"}}},\"roles\":{\"root\":{\"keyids\":[\"dc771a4320baa8bd2666af7780c28e802c458b195fa524910e92200c"
	"70430067\",\"faa3b48cca29b38468dfa057209c58cebb7231fac022b0442bd1f219d4f4f49a\",\"086b218d484bed13e17f49"
	"772520c31bac164a082ecf6c55e58e75095298c01d\"],\"threshold\":3},\"targets\":{\"keyids\":[\"b11aaa44c94e08842c"
	"ff0f8c15a17c4310998bbc0e3cf364b75659277128141d\"],\"threshold\":1},\"snapshot\":{\"keyids\":[\"541e1aa96c33f"
	"bd6acf63a8ae110d7ac3a9fe09882f033b597597f4a0d96f809\"],\"threshold\":1},\"timestamp\":{\"keyids\":[\"e4b598c"
	"c5bc5531c97a2e0a8e207e366413d91b6fe2bf78a832ae0f93bce0068\"],\"threshold\":1}},\"haishin\":{\"issued\":\"202"
	"6-11-21T07:55:10Z\"}}}";
/* clang-format on */

static int verify(const char *text, size_t len, struct error *err)
{
	AUTO(metadata) struct metadata *root = NULL;
	struct metadata_signers signers;

	if (metadata_parse(text, len, "root", "root", &root, err) < 0 ||
		metadata_signers_parse(json_object_get(root->body, "keys"),
			json_object_get(json_object_get(root->body, "roles"), "root"), &signers, err) < 0)
		return -1;
	return metadata_verify(root, &signers, "the probe itself", err);
}

int forgery_check(struct error *err)
{
	AUTO(free) char *forged = strdup(document);
	struct error refused = {0};
	char *version = forged ? strstr(forged, "\"version\":1") : NULL;

	if (!version)
		return error_set(err, ERROR_FAILED, "no memory for the probe");
	if (verify(document, strlen(document), err) < 0)
		return error_context(err, "forgery check");
	version[strlen("\"version\":")] = '2';
	if (verify(forged, strlen(forged), &refused) == 0)
		return error_set(err, ERROR_FAILED, "forgery check: a forged document was believed");
	return 0;
}
