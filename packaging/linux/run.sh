#!/usr/bin/env bash
# Starts the built programs for a first look: the server with a made-up company in a temporary folder,
# and, where there is a display, the tray and its window. Ctrl-C stops all of it.
set -euo pipefail
cd "$(dirname "$0")/../.."

home=$(mktemp -d "${TMPDIR:-/tmp}/sendjay-run.XXXXXX")
pids=()
stop() {
  trap - EXIT INT TERM
  ((${#pids[@]})) && kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

listen=${SENDJAY_LISTEN:-127.0.0.1:8080}
bin/sendjay-server --demo --data "$home/data" --listen "$listen" &
server=$!
pids+=("$server")

ready() { (exec 3<>"/dev/tcp/${listen%:*}/${listen##*:}") 2>/dev/null; }
until ready; do
  kill -0 "$server" 2>/dev/null || { wait "$server"; exit $?; }
  read -rt 0.1 <> <(:) || true
done

if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
  bin/sendjay --server "http://$listen" --profile "$home/desktop" --sign-in-stdin <<<$'kim\nsendjay-demo' &
  pids+=("$!")
  echo "The tray and its window are open, signed in as kim. Sign in as somebody else at http://$listen to talk to yourself."
else
  echo "There is no display, so the tray stays closed: open the address in a browser."
fi
wait "$server"
