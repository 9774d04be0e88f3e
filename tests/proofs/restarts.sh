#!/usr/bin/env bash
# Real restarts: nights, restarts, bad releases, broken agents and power cuts on a machine that a real systemd starts, with
# haishin's units, programs and accounts where the Debian package puts them. After each start the same questions are asked.
# The contract is that of README.md beside this; what is counted is starts of the machine.
#
#   PROGRAMS=build/release/bin tests/proofs/restarts.sh [--share short|full] [--seed N] [SCENARIO...]
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
SUPPORT=$HERE/../support
: "${PROGRAMS:?where the programs are}"

cannot_run() {
	echo "restarts: $*"
	[ "${CI:-}" != true ] || exit 1
	exit 77
}

share=full seed=1 scenarios=() arguments=("$@")
[ "${1:-}" != --within ] || shift
while [ $# -gt 0 ]; do
	case $1 in
	--share) share=${2:?--share short or --share full}; shift 2 ;;
	--seed) seed=${2:?--seed NUMBER}; shift 2 ;;
	*) scenarios+=("$1"); shift ;;
	esac
done

# The scenarios in qemu: they need a kernel, and are none of the short share.
APPLICATION_PORT=8080
KERNEL_SCENARIOS=a_real_kernel_
needs_kernel() {
	[[ $share = full && ${#scenarios[@]} -eq 0 ]] || [[ " ${scenarios[*]}" == *" $KERNEL_SCENARIOS"* ]]
}

# What outlives the namespaces.
clean_up() {
	find /sys/fs/cgroup -depth -type d -path "*/$NAME*" -exec rmdir {} + 2>/dev/null || true
	rm -rf --one-file-system "$WORK" /run/systemd/nspawn/*/"$NAME"
}

# shellcheck source-path=SCRIPTDIR source=restarts_system.sh
. "$HERE/restarts_system.sh"
# shellcheck source-path=SCRIPTDIR source=restarts_kernel.sh
. "$HERE/restarts_kernel.sh"
# shellcheck source-path=SCRIPTDIR source=restarts_clock.sh
. "$HERE/restarts_clock.sh"

# Everything happens in namespaces of its own: whatever ends this script ends the machine, its mounts and its network too.
if [ "${arguments[0]:-}" != --within ]; then
	tools=(cmake systemd-nspawn mmdebstrap mke2fs losetup unshare nsenter jq sqlite3 openssl)
	! needs_kernel || tools+=(qemu-system-x86_64)
	[ "$(id -u)" -eq 0 ] || cannot_run "needs root, for a machine with accounts, mounts and cgroups of its own"
	for tool in "${tools[@]}"; do
		command -v "$tool" >/dev/null || cannot_run "needs $tool; tools/setup test proof installs it"
	done
	WORK=$(mktemp -d)
	NAME=haishin-${WORK##*.}
	chmod 755 "$WORK"
	trap clean_up EXIT
	make_system "$WORK/system"
	! needs_kernel || make_kernel_system "$WORK/kernel-system"
	export WORK NAME
	unshare --mount --net --pid --fork --kill-child --mount-proc "$0" --within "${arguments[@]}"
	exit
fi

SYSTEM=$WORK/system
STARTS=$WORK/starts
: >"$STARTS"
mkdir "$WORK/worlds"
mount -t tmpfs tmpfs "$WORK/worlds"
ip link set lo up

# shellcheck source-path=SCRIPTDIR source=../e2e/lib.sh
. "$HERE/../e2e/lib.sh"
# shellcheck source-path=SCRIPTDIR source=restarts_machine.sh
. "$HERE/restarts_machine.sh"
# shellcheck source-path=SCRIPTDIR source=restarts_terminal.sh
. "$HERE/restarts_terminal.sh"
# shellcheck source-path=SCRIPTDIR source=restarts_scenarios.sh
. "$HERE/restarts_scenarios.sh"

short=(a_night_is_active_before_the_applications_after_a_real_restart
	an_agent_that_crashes_is_replaced_by_the_former_one
	a_power_cut_during_the_night_loses_nothing)
if [ ${#scenarios[@]} -eq 0 ] && [ "$share" = short ]; then
	scenarios=("${short[@]}")
elif [ ${#scenarios[@]} -eq 0 ]; then
	mapfile -t scenarios < <(compgen -A function scenario_ | sed 's/^scenario_//')
fi

bad=0
set +e
make_first_machine
ended=$?
set -e
[ $ended -eq 0 ] || { bad=1; scenarios=(); echo "bad: the first machine"; }
for scenario in "${scenarios[@]}"; do
	echo "- ${scenario//_/ }"
	set +e
	run_scenario "$scenario"
	ended=$?
	set -e
	[ $ended -eq 0 ] || { bad=$((bad + 1)); echo "bad: $scenario, seed $seed"; }
done
echo "restarts: $(wc -c <"$STARTS") ran, $bad bad"
[ $bad -eq 0 ]
