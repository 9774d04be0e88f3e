/* Walks the way from this terminal's settings to the server's signed words, hop by hop, and says at each what is
 * wrong in one word that the command line has a sentence for. What is on the network is tried by haishin-fetch. */
#ifndef AGENT_NIGHT_DOCTOR_H
#define AGENT_NIGHT_DOCTOR_H

#include "agent/base/doctor_hop.h"
#include "agent/base/terminal.h"

/* The whole way; STOP_FD as in http_options. */
void doctor_walk(struct terminal *terminal, int stop_fd, doctor_take *take, void *context);

/* What is to be told where the walk cannot begin: the configuration cannot be read, or what it names cannot be
 * opened.
 */
void doctor_tell_configuration(const struct error *why, doctor_take *take, void *context);
void doctor_tell_terminal(const struct error *why, doctor_take *take, void *context);

/* The same, where the judge of the machine knows why; false, with nothing told, where it does not. */
bool doctor_tell_machine(const struct env *env, const struct config *config, doctor_take *take, void *context);

#endif
