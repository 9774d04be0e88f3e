/* What stands on the page besides what the agent says: each word in one row. index.html has them as {{name}}, window.js as T.name. */
#ifndef TOOLS_WINDOW_PAGE_PAGE_WORDS_H
#define TOOLS_WINDOW_PAGE_PAGE_WORDS_H

/* WORD(name, text). The texts are for staff, in English, and have their Japanese in po/ja.po. */
/* clang-format off */
#define EACH_PAGE_WORD(WORD) \
	WORD("title", N_("Update manager")) \
	WORD("verdict", N_("State of this terminal")) \
	WORD("next", N_("Next step")) \
	WORD("parts", N_("Parts of this window")) \
	WORD("download", N_("Download now")) \
	WORD("records", N_("Delivery records")) \
	WORD("settings", N_("Change settings")) \
	WORD("doctor", N_("Check the connection")) \
	WORD("restart_now", N_("Restart now")) \
	WORD("later", N_("Later")) \
	WORD("stop", N_("Stop")) \
	WORD("restarting_in", N_("This terminal restarts in %d seconds. Save your work.")) \
	WORD("restart_begun", N_("Restarting ...")) \
	WORD("download_about", N_("Downloads what is new, whatever the hour. You can go on working; the terminal is not restarted.")) \
	WORD("download_wait", N_("Possible again in %d seconds")) \
	WORD("download_going", N_("Downloading. You may close this window; it goes on.")) \
	WORD("download_begun", N_("The download has begun.")) \
	WORD("download_none", N_("There is nothing new.")) \
	WORD("download_ready", N_("New versions are ready. Restart this terminal to use them.")) \
	WORD("progress", N_("Progress")) \
	WORD("versions", N_("Versions")) \
	WORD("package", N_("Package")) \
	WORD("version", N_("Version")) \
	WORD("newest", N_("Newest")) \
	WORD("state", N_("State")) \
	WORD("since", N_("Since")) \
	WORD("whats_new", N_("What is new")) \
	WORD("history", N_("History")) \
	WORD("time", N_("Time")) \
	WORD("operation", N_("What was done")) \
	WORD("outcome", N_("How it ended")) \
	WORD("detail", N_("Details")) \
	WORD("all", N_("all")) \
	WORD("from_day", N_("From this day")) \
	WORD("to_day", N_("Through this day")) \
	WORD("show", N_("Show")) \
	WORD("save_csv", N_("Save as CSV")) \
	WORD("print", N_("Print")) \
	WORD("no_rows", N_("There are no records.")) \
	WORD("rows_shown", N_("%d records")) \
	WORD("completion", N_("Completion report")) \
	WORD("campaign", N_("Identification number")) \
	WORD("completed", N_("Date of completion")) \
	WORD("institution", N_("Name of the institution")) \
	WORD("telephone", N_("Telephone number")) \
	WORD("telephone_hyphens", N_("Telephone number with hyphens")) \
	WORD("copy", N_("Copy")) \
	WORD("copied", N_("Copied: %s")) \
	WORD("not_complete", N_("This campaign is not complete on this terminal yet.")) \
	WORD("no_campaign", N_("There is no campaign to report.")) \
	WORD("empty_value", N_("(not set)")) \
	WORD("delivery", N_("Delivery")) \
	WORD("disable", N_("Disable delivery")) \
	WORD("enable", N_("Resume delivery")) \
	WORD("disabled_now", N_("Delivery is disabled.")) \
	WORD("enabled_now", N_("Delivery is not disabled.")) \
	WORD("why", N_("Reason")) \
	WORD("until", N_("Until the end of this day (empty: until it is resumed by hand)")) \
	WORD("hold", N_("Keep this version")) \
	WORD("unhold", N_("Deliver again")) \
	WORD("keep_versions", N_("Keep a package at its version")) \
	WORD("values", N_("Settings of this terminal")) \
	WORD("save", N_("Save")) \
	WORD("reset", N_("As the operator set it")) \
	WORD("saved", N_("Saved: %s")) \
	WORD("fixed", N_("Decided by whoever set up this terminal")) \
	WORD("asks_password", N_("For changes an administrator's password is asked for.")) \
	WORD("password_asked", N_("If you are asked for it, enter an administrator's password.")) \
	WORD("may_not", N_("Your account may look, but not change anything here.")) \
	WORD("doctor_about", N_("Walks the way from this terminal to the distribution server and says where it ends.")) \
	WORD("doctor_start", N_("Check now")) \
	WORD("doctor_going", N_("Checking ...")) \
	WORD("way", N_("The way to the server")) \
	WORD("place_terminal", N_("this terminal")) \
	WORD("place_lan", N_("network")) \
	WORD("place_proxy", N_("proxy")) \
	WORD("place_server", N_("server")) \
	WORD("way_ends", N_("The way ends here.")) \
	WORD("way_open", N_("The way is open.")) \
	WORD("read_out", N_("Read this to the call centre")) \
	WORD("code", N_("Code for the call centre")) \
	WORD("call_centre", N_("Call centre: 0800-080-4583")) \
	WORD("support", N_("for support")) \
	WORD("lost", N_("The connection to this window is lost. Close it and open it again from the menu.")) \
	WORD("working", N_("Working ..."))
/* clang-format on */

#endif
