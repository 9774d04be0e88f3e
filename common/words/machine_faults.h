/* What can be wrong with the machine that haishin runs on: each in one row, for status, doctor, explain and the button alike. */
#ifndef COMMON_WORDS_MACHINE_FAULTS_H
#define COMMON_WORDS_MACHINE_FAULTS_H

/* FAULT(enumerator, name, CODED(number, number), what is the case, what to do next), those first that have to be dealt with first. A
 * row is a reason of the verdict and a finding of the doctor as well, and has the number of a finding (agent/base/doctor_lists.h) and
 * that of a reason (common/words/status_reasons.h) in codes that staff read out. CODED says which of the two is wanted. The name
 * stands in the answers of the agent; the texts are for staff, in English, and have their Japanese in po/ja.po. */
#define AS_FINDING(finding, reason) finding
#define AS_REASON(finding, reason) reason
/* clang-format off */
#define EACH_MACHINE_FAULT(FAULT, CODED) \
	/* no settings at the next start of the agent or of a job */                                                     \
	FAULT(CONFIGURATION_MISSING, "configuration-missing", CODED(1, 49),                                             \
		N_("This terminal's settings file is missing."),                                                        \
		N_("Whoever set up this terminal can put it back from a copy, or with 'apt install --reinstall -o "     \
		   "Dpkg::Options::=--force-confmiss haishin'; the line for support names the file."))                                                       \
	/* no settings that could be used, then */                                \
	FAULT(CONFIGURATION_WRONG, "configuration-wrong", CODED(2, 26),                                                 \
		N_("A settings file of this terminal has a mistake."),                                                  \
		N_("Whoever set up this terminal can correct it; the line for support names the file and the line."))   \
	/* mounted read-only, or writing fails */                                                                       \
	FAULT(DISK_NOT_WRITABLE, "disk-not-writable", CODED(9, 27),                                                     \
		N_("This terminal's disk cannot be written."),                                                          \
		N_("Restart the terminal. If that does not help, call the call centre: 0800-080-4583."))                \
	/* mounted so that no program on it may start */                                                                \
	FAULT(DISK_NOEXEC, "disk-noexec", CODED(40, 36),                                                                \
		N_("A disk of this terminal does not let programs start."),                                             \
		N_("Restart the terminal. If that does not help, whoever set up this terminal can correct it; the "     \
		   "line for support names the disk."))                                                                 \
	/* of bytes, or by a quota */                                                                                   \
	FAULT(DISK_FULL, "disk-full", CODED(8, 28),                                                                     \
		N_("There is not enough space on this terminal's disk."),                                               \
		N_("Remove files that are not needed, then run 'haishin doctor' again."))                               \
	/* of files */                                                                                                  \
	FAULT(DISK_FILES, "disk-files", CODED(41, 37),                                                                  \
		N_("There are so many files on this terminal's disk that it can hold hardly any more."),                \
		N_("Remove files that are not needed, then run 'haishin doctor' again."))                               \
	/* a file or folder of ours that others own or may write, or that is something else */                          \
	FAULT(FILE_FOREIGN, "file-foreign", CODED(42, 38),                                                              \
		N_("A file or folder of haishin belongs to somebody else, or is not what it should be."),               \
		N_("Whoever set up this terminal can correct it; the line for support names it."))                      \
	/* a file of ours that is empty, cut or missing */                                                              \
	FAULT(FILE_DAMAGED, "file-damaged", CODED(43, 29),                                                              \
		N_("A file that haishin keeps on this terminal is empty, cut or missing."),                             \
		N_("Keep using the terminal, and tell the call centre: 0800-080-4583. The line for support names "      \
		   "the file."))                                                                                        \
	/* what is current of a package is no link to a release */                                                      \
	FAULT(PACKAGE_ODD, "package-odd", CODED(44, 30),                                                                \
		N_("The folder of a package was changed by hand."),                                                     \
		N_("Restart this terminal; haishin puts it right then."))                                               \
	FAULT(MEMORY_LOW, "memory-low", CODED(45, 39),                                                                  \
		N_("This terminal is short of memory."),                                                                \
		N_("Close programs that are not needed, or restart the terminal."))
/* clang-format on */

enum machine_fault_kind {
#define MACHINE_ENUMERATOR(enumerator, name, numbers, meaning, next) MACHINE_##enumerator,
	EACH_MACHINE_FAULT(MACHINE_ENUMERATOR, AS_FINDING)
#undef MACHINE_ENUMERATOR
};

#endif
