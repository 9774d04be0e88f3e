/* What a run of the guard is given, and what comes of it. */
#ifndef ROLLBACK_GUARD_OPTIONS_H
#define ROLLBACK_GUARD_OPTIONS_H

/* The package that the agent itself comes in. */
#define GUARD_AGENT_PACKAGE "distro-app" /* RELEASE_AGENT_PACKAGE; the guard reads no manifest */

struct guard_options {
	int boot_dir_fd;	   /* /var/lib/haishin/boot */
	int packages_dir_fd;	   /* /opt/haishin */
	const char *packages_path; /* the same as a path: self-tests run there */
	const char
		*network_packages;  /* whose programs may have the machine's network, where they ask; NULL: none's */
	const char *self_test_user; /* whom self-tests become where we are root */
};

struct guard_result {
	int activated;
	int rolled_back;
	int on_trial; /* left to be confirmed by the agent */
};

#endif
