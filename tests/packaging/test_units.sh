#!/usr/bin/env bash
# test_units.sh SOURCE: systemd understands every unit, and rates none worse than it was (systemd-analyze security, in tenths).
set -euo pipefail
cd "$1/packaging/systemd"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
failures=0

complain() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}

rate() {
	systemd-analyze security --offline=true --threshold="${3:-20}" "$1" >"$WORK/said" 2>&1 ||
		complain "$2 is rated worse than it should be: $(tail -n 1 "$WORK/said")"
}

# What each is allowed, so that no unit gets worse unnoticed: one that got better lowers its line. What makes the sandbox of checks
# needs namespaces and mounts, of which the program in it gets nothing; a service of the desktop's user has no account to shed.
declare -A CEILINGS=(
	[haishin-check@.service]=42
	[haishin-collector.service]=15
	[haishin-guard-agent-failed.service]=11
	[haishin-guard.service]=20
	[haishin-refresh.service]=12
	[haishin-server.service]=14
	[haishin-witness.service]=14
	[haishind.service]=20
	[user/haishin-notify.service]=59
)

test_no_service_is_rated_worse_than_it_was() {
	local unit
	for unit in *.service user/*.service; do
		[ -n "${CEILINGS[$unit]:-}" ] || { complain "$unit has no ceiling in this test"; continue; }
		rate "$unit" "$unit" "${CEILINGS[$unit]}"
	done
}

# The worker runs inside haishind.service, as another account and without capabilities: that is what it would be as a unit.
test_the_worker_is_rated_well() {
	sed 's/^CapabilityBoundingSet=.*/CapabilityBoundingSet=\nUser=haishin-fetch/' haishind.service >"$WORK/haishin-fetch.service"
	rate "$WORK/haishin-fetch.service" haishin-fetch 13
}

test_the_rating_can_fail() {
	printf '[Service]\nExecStart=/bin/true\n' >"$WORK/open.service"
	! systemd-analyze security --offline=true --threshold=20 "$WORK/open.service" >/dev/null 2>&1 ||
		complain "a service without any limit passes: this test judges nothing"
}

# What a unit starts is not installed here; a stand-in is, so that nothing but the units is judged.
test_systemd_understands_every_unit() {
	local unit root=$WORK/root said
	mkdir -p "$root/etc/systemd/system" "$root"/usr/{lib/haishin,bin,sbin} "$root/bin"
	for unit in *.service *.target *.timer; do
		cp "$unit" "$root/etc/systemd/system/"
	done
	for program in /usr/lib/haishin/{run-current,haishin-guard,haishin-check} /usr/bin/{haishin-repo,haishin-witness} /usr/bin/systemctl /usr/sbin/haishin-{server,collector} /bin/{sh,kill}; do
		install -m 755 /bin/true "$root$program"
	done
	for unit in *.service *.target *.timer; do
		said=$(systemd-analyze verify --root="$root" --man=no --recursive-errors=no "$root/etc/systemd/system/$unit" 2>&1) ||
			complain "systemd does not take $unit: $said"
		[[ $said != *"$unit"* ]] || complain "systemd says of $unit: $said"
	done
}

# The way of an agent that fails: to the guard, in time, and never past it.
test_a_failing_agent_leads_to_the_guard() {
	grep -qx 'OnFailure=haishin-guard-agent-failed.service' haishind.service || complain "haishind.service has no way to the guard"
	grep -q '^WatchdogSec=' haishind.service || complain "haishind.service has no watchdog"
	grep -q '^ExecStart=/usr/lib/haishin/haishin-guard agent-failed' haishin-guard-agent-failed.service ||
		complain "what follows a failure does not run the guard"
	grep -q '^Before=.*haishin-applications.target' haishin-guard.service || complain "the guard is not before the applications"
}

for name in $(compgen -A function test_); do
	echo "- $name"
	"$name"
done
[ "$failures" -eq 0 ]
