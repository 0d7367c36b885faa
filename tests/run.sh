#!/usr/bin/env bash
# Sets up, builds and runs every test. The last line is 'N passed, N failed[, N skipped]'.
#   SNAPBACKUP_REQUIRE_TOOLS=1   a missing external program fails its tests instead of skipping them
#   SNAPBACKUP_CONFIGURATION     Release (default) or Debug
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 POWERSHELL_TELEMETRY_OPTOUT=1
configuration=${SNAPBACKUP_CONFIGURATION:-Release}

# How long the tests of one project may take, in seconds, before they count as hung and are ended.
limit=900

# The real clients that the tests talk to, and the program of each package that shows it is there.
declare -A packages=(
  [nbdinfo]=libnbd-bin [nbdsh]=python3-libnbd [nbdfuse]=nbdfuse [qemu-img]=qemu-utils [fio]=fio
  [mke2fs]=e2fsprogs [zstd]=zstd [losetup]=mount [sqlite3]=sqlite3
  [mkfs.xfs]=xfsprogs [mkfs.btrfs]=btrfs-progs [nbd-client]=nbd-client [sfdisk]=fdisk
)

install_tools() {
  local missing=() program package
  for program in "${!packages[@]}"; do
    command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || missing+=("${packages[$program]}")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Not installed, and this is not root on Debian: ${missing[*]}. Tests that need them are skipped."
    return
  fi
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  for package in "${missing[@]}"; do # one by one: one that is not to be had must not keep the others away
    apt-get install -y -qq --no-install-recommends "$package" >/dev/null || echo "$package could not be installed; tests that need it say so."
  done
}

# Adds the counts of one test program's summary to the totals.
passed=0 failed=0 skipped=0
count() { # log file, exit code
  local p f s
  p=$(sed -n 's/^ *succeeded: \([0-9]*\).*/\1/p' "$1" | tail -1)
  f=$(sed -n 's/^ *failed: \([0-9]*\).*/\1/p' "$1" | tail -1)
  s=$(sed -n 's/^ *skipped: \([0-9]*\).*/\1/p' "$1" | tail -1)
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  [ "$2" -ge 124 ] && echo "It did not end by itself (exit code $2): the tests that ran long by then are named above."
  # A program that fell over without a failed test has failed all the same.
  [ "$2" -ne 0 ] && [ "${f:-0}" -eq 0 ] && failed=$((failed + 1))
}

# The module's suites under the real Pester, where it is. SnapBackup.Module.Tests runs the same files everywhere.
run_pester() {
  command -v pwsh >/dev/null || return
  pwsh -NoProfile -NonInteractive -Command 'exit [int](-not (Get-Module -ListAvailable Pester | Where-Object Version -ge 5.5))' || return
  echo "== Pester"
  timeout -k 10 "$limit" pwsh -NoProfile -NonInteractive -Command '
    Import-Module Pester -MinimumVersion 5.5
    $run = Invoke-Pester -Path tests/module -Output Normal -PassThru
    "  succeeded: $($run.PassedCount)"
    "  failed: $($run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount)"
    "  skipped: $($run.SkippedCount)"
    exit [int]($run.Result -ne "Passed")' 2>&1 | tee "$log"
  count "$log" "${PIPESTATUS[0]}"
}

finish() {
  if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

install_tools
if ! dotnet build SnapBackup.sln -c "$configuration" -v quiet; then
  echo "The build failed."
  failed=1
  finish
fi

for project in tests/*.Tests; do
  name=$(basename "$project")
  echo "== $name"
  timeout -k 10 "$limit" "$project/bin/$configuration/net10.0/$name" --no-ansi --progress off --show-stdout Failed \
    --xunit-diagnostics on --long-running 90 2>&1 | tee "$log" | grep -v '^$'
  count "$log" "${PIPESTATUS[0]}"
done
run_pester
finish
