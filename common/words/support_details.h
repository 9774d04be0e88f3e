/* What the line for support says, where the sentence is our own: each in one row. The errors of the programs are in English, and so are
 * the answers of the agent and the history; who draws them for people finds their words here. */
#ifndef COMMON_WORDS_SUPPORT_DETAILS_H
#define COMMON_WORDS_SUPPORT_DETAILS_H

/* DETAIL(sentence): as it stands in the sources, with %s for whatever is filled in, of which kind soever; the Japanese is in
 * po/ja.po. What is filled in may be such a sentence itself, and so may what stands before and behind ": ". Where two rows fit, the
 * first holds. */
/* clang-format off */
#define EACH_SUPPORT_DETAIL(DETAIL) \
	DETAIL(N_("it is a %s, and should be a %s")) \
	DETAIL(N_("user %s owns it, mode %s")) \
	DETAIL(N_("it cannot be read")) \
	DETAIL(N_("it is cut, or something else")) \
	DETAIL(N_("it is empty")) \
	DETAIL(N_("it is missing")) \
	DETAIL(N_("it is no plain file")) \
	DETAIL(N_("it is no folder")) \
	DETAIL(N_("it is a link that leads nowhere")) \
	DETAIL(N_("%s MiB are available")) \
	DETAIL(N_("it can hold %s more files and folders; delivery leaves room for more (%s)")) \
	DETAIL(N_("it can hold %s more files and folders")) \
	DETAIL(N_("%s KiB are free; delivery leaves free %s KiB (%s)")) \
	DETAIL(N_("%s KiB are free; haishin needs for its records %s KiB")) \
	DETAIL(N_("a quota binds this disk")) \
	DETAIL(N_("'%s' is mounted read-only")) \
	DETAIL(N_("'%s' is mounted noexec")) \
	DETAIL(N_("the disk of '%s' is mounted noexec")) \
	DETAIL(N_("the disk of %s is mounted %s; what is staged waits")) \
	DETAIL(N_("folder")) \
	DETAIL(N_("link")) \
	DETAIL(N_("file")) \
	DETAIL(N_("special file")) \
	DETAIL(N_("the plan is empty")) \
	DETAIL(N_("the plan does not match its checksum")) \
	DETAIL(N_("the plan ends without its checksum")) \
	DETAIL(N_("the plan's line %s is damaged")) \
	DETAIL(N_("the clock shows %s; what was signed shows that it is %s or later")) \
	DETAIL(N_("the clock shows %s; it was set by %s while the terminal was on")) \
	DETAIL(N_("the clock was set by %s: from %s to %s")) \
	DETAIL(N_("%s MiB more are needed on this disk (%s MiB for the release, %s MiB to stay free, %s MiB are there); make room, the next attempt goes on from here")) \
	DETAIL(N_("this disk can hold %s more files and folders, and %s are needed (%s for the release, %s to stay free); remove files, the next attempt goes on from here")) \
	DETAIL(N_("'%s' is no plain file")) \
	DETAIL(N_("cannot open '%s'")) \
	DETAIL(N_("cannot open '%s' to append")) \
	DETAIL(N_("cannot read '%s'")) \
	DETAIL(N_("cannot read folder '%s'")) \
	DETAIL(N_("cannot write '%s'")) \
	DETAIL(N_("cannot create '%s'")) \
	DETAIL(N_("cannot make folder '%s'")) \
	DETAIL(N_("cannot rename '%s' to '%s'")) \
	DETAIL(N_("cannot remove '%s'")) \
	DETAIL(N_("cannot look at '%s'")) \
	DETAIL(N_("cannot look at the disk of '%s'")) \
	DETAIL(N_("cannot make '%s' durable")) \
	DETAIL(N_("no agent answers")) \
	DETAIL(N_("cannot reach '%s'")) \
	DETAIL(N_("cannot start '%s'")) \
	DETAIL(N_("cannot become user '%s'")) \
	DETAIL(N_("there is no user '%s' on this machine")) \
	DETAIL(N_("another process holds '%s'; try again when it has ended")) \
	DETAIL(N_("%s may write '%s', so it is not trusted; look at what it says, then run: %s")) \
	DETAIL(N_("'%s' belongs to account %s, who could change it, so it is not trusted; look at what it says, then run: %s")) \
	DETAIL(N_("'%s' is a secret, and %s may read or change it (mode %s); run: %s")) \
	DETAIL(N_("everybody")) \
	DETAIL(N_("its group")) \
	DETAIL(N_("[server] url is missing; name the distribution server there")) \
	DETAIL(N_("%s is not known to haishind %s; it has no effect; did you mean %s?")) \
	DETAIL(N_("%s is not known to haishind %s; it has no effect")) \
	DETAIL(N_("the value is empty")) \
	DETAIL(N_("'%s' is not a number of %s digits")) \
	DETAIL(N_("'%s' is not a number of %s to %s digits")) \
	DETAIL(N_("'%s' is no telephone number of %s or %s digits")) \
	DETAIL(N_("'%s' is not within %s and %s")) \
	DETAIL(N_("'%s' is none of: %s")) \
	DETAIL(N_("'%s' is given twice")) \
	DETAIL(N_("%s is given twice")) \
	DETAIL(N_("'%s' is no address such as https://example.org/haishin")) \
	DETAIL(N_("path '%s' does not begin with /")) \
	DETAIL(N_("'%s' is not hours such as 20:00-05:00")) \
	DETAIL(N_("'%s' is neither hours such as 20:00-05:00 nor weekdays such as mon-fri")) \
	DETAIL(N_("'%s' is not the name of a time zone, such as Asia/Tokyo")) \
	DETAIL(N_("there is no time zone '%s' in %s (package tzdata)")) \
	DETAIL(N_("section [%s] knows no key '%s'")) \
	DETAIL(N_("neither a [section] nor 'key = value'")) \
	DETAIL(N_("not UTF-8 (Shift-JIS?); save the file as UTF-8 without BOM")) \
	DETAIL(N_("the file begins with a byte order mark; save it as UTF-8 without BOM")) \
	DETAIL(N_("the file is UTF-16; save it as UTF-8 without BOM")) \
	DETAIL(N_("a NUL byte; save the file as plain text")) \
	DETAIL(N_("more than the %s bytes that are allowed")) \
	DETAIL(N_("[control] staff_may_set does not list %s: the operator's settings files say what it is")) \
	DETAIL(N_("delivery on this terminal was disabled by %s: %s; 'haishin enable' ends that")) \
	DETAIL(N_("delivery on this terminal was disabled by %s; 'haishin enable' ends that")) \
	DETAIL(N_("%s may look but not change anything on this terminal")) \
	DETAIL(N_("job %s is at work; try again when it has ended")) \
	DETAIL(N_("download now was asked for less than %s seconds ago; again in %s seconds")) \
	DETAIL(N_("the doctor was asked less than %s seconds ago; again in %s seconds")) \
	DETAIL(N_("%s: '%s' is neither a day such as 2026-01-31 nor a moment such as 2026-01-31T00:00:00Z")) \
	DETAIL(N_("until: '%s' is over already")) \
	DETAIL(N_("this terminal does not run a package '%s'")) \
	DETAIL(N_("this terminal does not run '%s'")) \
	DETAIL(N_("by %s, until ended by hand: %s")) \
	DETAIL(N_("by %s, until ended by hand: ")) \
	DETAIL(N_("by %s, until %s: %s")) \
	DETAIL(N_("by %s, until %s: ")) \
	DETAIL(N_("by itself: its time was over")) \
	DETAIL(N_("asked for by %s")) \
	DETAIL(N_("asked for by the doctor")) \
	DETAIL(N_("no network interface of this machine has a link")) \
	DETAIL(N_("%s of %s bytes arrived")) \
	DETAIL(N_("this is no URL: check the configured server (%s)")) \
	DETAIL(N_("what answered does not speak HTTP, or the URL is not http or https (%s)")) \
	DETAIL(N_("the proxy's name is unknown: check the configured proxy (%s)")) \
	DETAIL(N_("the server's name is unknown: check the network and the name (%s)")) \
	DETAIL(N_("no contact with the server: check the network (%s)")) \
	DETAIL(N_("no encrypted connection came about: check the server's name and port (%s)")) \
	DETAIL(N_("what answered does not speak HTTP (%s)")) \
	DETAIL(N_("the transfer was cut (%s)")) \
	DETAIL(N_("the server is silent or too slow (%s)")) \
	DETAIL(N_("the server closed without an answer (%s)")) \
	DETAIL(N_("the server's certificate is not trusted: check the clock, the server's name and the configured authorities (%s)")) \
	DETAIL(N_("the configured authorities cannot be read (%s)")) \
	DETAIL(N_("the client certificate and its key cannot be used (%s)")) \
	DETAIL(N_("the contact was lost (%s)")) \
	DETAIL(N_("asked to stop")) \
	DETAIL(N_("stopped")) \
	DETAIL(N_("the answer is of no use here (%s): tell whoever runs the server")) \
	DETAIL(N_("the proxy does not let us through (%s): check the configured proxy")) \
	DETAIL(N_("the proxy wants another user and password (%s): check [server] proxy_credentials")) \
	DETAIL(N_("the server cannot answer now (%s)")) \
	DETAIL(N_("this network wants somebody to sign in first (%s)")) \
	DETAIL(N_("the server has no such file (%s)")) \
	DETAIL(N_("the server refuses (%s)")) \
	DETAIL(N_("the server does not accept the client certificate (%s): install the institution's current certificate")) \
	DETAIL(N_("the server wants a client certificate and none is installed (%s): install the institution's certificate")) \
	DETAIL(N_("no client certificate: there is no folder '%s'; install the certificate")) \
	DETAIL(N_("no client certificate is installed: install the institution's")) \
	DETAIL(N_("no client certificate that can be used is installed: %s")) \
	DETAIL(N_("the client certificate '%s' (%s) has expired, on %s: install the renewed one")) \
	DETAIL(N_("the client certificate '%s' (%s) is valid only from %s: check the clock")) \
	DETAIL(N_("'%s' has no private key: put it into '%s'")) \
	DETAIL(N_("'%s' holds no certificate")) \
	DETAIL(N_("'%s' holds no private key without a password")) \
	DETAIL(N_("the private key of '%s' belongs to another certificate")) \
	DETAIL(N_("no certificate bears the institution code %s (%s)")) \
	DETAIL(N_("it expires in %s days")) \
	DETAIL(N_("the server points to '%s' (%s), which [network] redirects = %s does not allow: allow it there, or name that host in [server] url")) \
	DETAIL(N_("the server points elsewhere again and again, to '%s' at last: tell whoever runs the server")) \
	DETAIL(N_("the server points elsewhere and does not say where (%s): tell whoever runs the server")) \
	DETAIL(N_("the server points to '%s' without encryption (%s), and from https to http is never followed: tell whoever runs the server")) \
	DETAIL(N_("the server points to an address that is not http or https (%s), which is never followed: tell whoever runs the server")) \
	DETAIL(N_("the server points to '%s', an address of this machine or of its own link, which is never followed: tell whoever runs the server")) \
	DETAIL(N_("something else came in place of the payload")) \
	DETAIL(N_("a page answers in place of the file")) \
	DETAIL(N_("arbitrary software attack: frame %s of the payload is not what the release says")) \
	DETAIL(N_("frame %s of the payload unpacks to %s bytes instead of %s")) \
	DETAIL(N_("the server's payload ends too early: %s of %s bytes came")) \
	DETAIL(N_("the server lacks it, and is asked once a night: %s")) \
	DETAIL(N_("requires %s %s or later, which is neither proven here nor on its way")) \
	DETAIL(N_("requires %s %s or later, which is being introduced step by step")) \
	DETAIL(N_("the server sent the whole file where a part was asked for: it must support ranges")) \
	DETAIL(N_("haishin-fetch hands over less than %s bytes a second")) \
	DETAIL(N_("no server is known that renews it ([server] est_url): have a new one installed")) \
	DETAIL(N_("cannot fetch")) \
	DETAIL(N_("malformed metadata: %s")) \
	DETAIL(N_("not JSON: %s")) \
	DETAIL(N_("freeze attack: %s %s expired at %s, and it is %s; check the clock, or ask for newer metadata")) \
	DETAIL(N_("rollback attack: %s %s is older than the trusted %s")) \
	DETAIL(N_("rollback attack: snapshot %s is older than the trusted %s")) \
	DETAIL(N_("rollback attack: timestamp %s is older than the trusted %s")) \
	DETAIL(N_("mix-and-match attack: %s")) \
	DETAIL(N_("arbitrary software attack: target '%s'")) \
	DETAIL(N_("endless data attack: %s")) \
	DETAIL(N_("wrong key: %s %s is signed by %s of the %s keys that %s asks for (%s)")) \
	DETAIL(N_("this root cannot be trusted")) \
	DETAIL(N_("the trusted root is unusable; put it in place again")) \
	DETAIL(N_("no trusted root: put the root.json of your distribution server's operator there ([paths] trusted_root)")) \
	DETAIL(N_("trusted root '%s'")) \
	DETAIL(N_("no trusted role lists target '%s'")) \
	DETAIL(N_("it was taken back before: %s")) \
	DETAIL(N_("the server has another release under this version")) \
	DETAIL(N_("what is current of %s is not known: something that is no link stands there; restart")) \
	DETAIL(N_("not confirmed within %s starts")) \
	DETAIL(N_("the health check ended with status %s: %s")) \
	DETAIL(N_("the health check ended with status %s")) \
	DETAIL(N_("the health check did not end within %s s")) \
	DETAIL(N_("the health check could not be run")) \
	DETAIL(N_("the self-test")) \
	DETAIL(N_("the migration of its data")) \
	DETAIL(N_("%s ended with status %s: %s")) \
	DETAIL(N_("%s ended with status %s")) \
	DETAIL(N_("%s did not end within %s s")) \
	DETAIL(N_("%s could not be run")) \
	DETAIL(N_("the unit %s is not active")) \
	DETAIL(N_("the unit %s has not finished starting")) \
	DETAIL(N_("'%s' answers with %s, not with 200")) \
	DETAIL(N_("'%s' does not answer as it should: %s")) \
	DETAIL(N_("its folder is missing")) \
	DETAIL(N_("the agent found it unhealthy")) \
	DETAIL(N_("something else had been made current")) \
	DETAIL(N_("it requires %s %s, which is on trial itself")) \
	DETAIL(N_("it requires %s %s or later, and runs with %s")) \
	DETAIL(N_("%s requires %s %s or later, and has no former release on this terminal to go back to with it")) \
	DETAIL(N_("%s has no former release on this terminal to go back to")) \
	DETAIL(N_("'%s' is not what the release says")) \
	DETAIL(N_("the window has ended; it goes on next night")) \
	DETAIL(N_("the %s bytes of this night's budget are used up; it goes on next night")) \
	DETAIL(N_("the %s seconds of this night's budget are used up; it goes on next night")) \
	DETAIL(N_("%s; it is sent at the next contact")) \
	DETAIL(N_("%s is installed, %s runs")) \
	DETAIL(N_("systemctl says that %s is not enabled")) \
	DETAIL(N_("'%s' is not the list that was signed")) \
	DETAIL(N_("the catalog names no campaign that has begun")) \
	DETAIL(N_("the catalog names no campaign %s")) \
	DETAIL(N_("completion report")) \
	DETAIL(N_("programs of packages run without%s")) \
	DETAIL(N_("the store is damaged: %s")) \
	DETAIL(N_("the store '%s' is empty")) \
	DETAIL(N_("the disk is in another machine than before: it was copied, or the machine was changed")) \
	DETAIL(N_("the key was gone")) \
	DETAIL(N_("the key could not be read; what was there is kept as terminal.key.damaged")) \
	DETAIL(N_("another key stands in its place")) \
	DETAIL(N_("the terminal's own key, %s")) \
	DETAIL(N_("it is gone; haishind makes another one at its next start, or before its next work")) \
	DETAIL(N_("chapter %s: environment %s, institution code %s, client certificate %s, in place of terminal %s")) \
	DETAIL(N_("chapter %s: environment %s, institution code %s, client certificate %s")) \
	DETAIL(N_("not set")) \
	DETAIL(N_("not shown yet")) \
	EACH_DETAIL_OF_OTHERS(DETAIL)

/* The same of the C library and of curl, as far as a terminal meets it. */
#define EACH_DETAIL_OF_OTHERS(DETAIL) \
	DETAIL(N_("Could not resolve host: %s")) \
	DETAIL(N_("Couldn't resolve host name")) \
	DETAIL(N_("Couldn't connect to server")) \
	DETAIL(N_("Failed to connect to %s port %s after %s ms: %s")) \
	DETAIL(N_("Connection timed out after %s milliseconds")) \
	DETAIL(N_("Timeout was reached")) \
	DETAIL(N_("Connection refused")) \
	DETAIL(N_("Connection timed out")) \
	DETAIL(N_("Connection reset by peer")) \
	DETAIL(N_("Network is unreachable")) \
	DETAIL(N_("Network is down")) \
	DETAIL(N_("No route to host")) \
	DETAIL(N_("Empty reply from server")) \
	DETAIL(N_("No such file or directory")) \
	DETAIL(N_("Permission denied")) \
	DETAIL(N_("Operation not permitted")) \
	DETAIL(N_("Read-only file system")) \
	DETAIL(N_("No space left on device")) \
	DETAIL(N_("Disk quota exceeded")) \
	DETAIL(N_("Input/output error")) \
	DETAIL(N_("Is a directory")) \
	DETAIL(N_("Not a directory")) \
	DETAIL(N_("Too many levels of symbolic links")) \
	DETAIL(N_("Cannot allocate memory")) \
	DETAIL(N_("Temporary failure in name resolution")) \
	DETAIL(N_("Name or service not known")) \
	DETAIL(N_("No address associated with hostname")) \
	DETAIL(N_("SSL certificate problem: %s"))
/* clang-format on */

#endif
