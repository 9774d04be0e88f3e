/* The hop that tells which walls around programs of packages this machine does not give. Used by agent/night/doctor.c. */
#ifndef AGENT_NIGHT_DOCTOR_WALLS_H
#define AGENT_NIGHT_DOCTOR_WALLS_H

#include "agent/night/doctor_network.h"

/* Has a program look around where those of a package run. */
void doctor_walk_walls(const struct doctor_walk *walk);

#endif
