#!/usr/bin/env bash
# Installs the Debian/Ubuntu packages that are missing for a purpose, and says which and why.
#   need.sh build|test|windows|msi
# Without root it prints the one command to run and fails.
set -euo pipefail

missing=()
declare -A why
want() { # package, what it is for, a command that succeeds when it is there
  local package=$1 reason=$2
  shift 2
  if ! "$@" >/dev/null 2>&1; then
    missing+=("$package")
    why[$package]=$reason
  fi
}
has() { command -v "$1"; }
on_disk() { has "$1" || [[ -x /usr/sbin/$1 ]]; } # servers stand where only root looks
header() { pkg-config --exists "$1"; }
font() { fc-list ":lang=ko" | grep -q .; }
emoji() { fc-list ":lang=und-zsye" | grep -q .; }

tool() { # a tool that we do not install ourselves
  command -v "$1" >/dev/null || { echo "sendjay: $1 is missing: $2" >&2; exit 1; }
}

build() {
  tool go "install Go 1.26 or newer"
  tool node "install Node 20 or newer"
  tool npm "it comes with Node 20 or newer"
  want gcc "the C compiler for the window" has gcc
  want g++ "the C++ compiler for the window" has g++
  want pkg-config "finds the web engine's headers" has pkg-config
  want libwebkit2gtk-4.1-dev "the window's web engine" header webkit2gtk-4.1
}

msi() {
  want wixl "makes the Windows package" has wixl
  want msitools "puts in the Windows package what wixl cannot, and reads it in the tests" has msibuild
}

case "${1:-}" in
build) build ;;
windows)
  build
  want gcc-mingw-w64-x86-64 "the C compiler for Windows" has x86_64-w64-mingw32-gcc
  want g++-mingw-w64-x86-64 "the C++ compiler for Windows" has x86_64-w64-mingw32-g++
  ;;
msi) msi ;;
test)
  build
  msi
  if has chromium-headless-shell >/dev/null || apt-cache show chromium-headless-shell >/dev/null 2>&1; then
    want chromium-headless-shell "the browser of the end-to-end tests" has chromium-headless-shell
  else
    want chromium "the browser of the end-to-end tests" has chromium
  fi
  want locales "another language than English in the window's tests" test -e /usr/share/i18n/locales/cs_CZ
  want mariadb-server "the database of the store tests" has mariadbd
  want redis-server "the line between nodes in the tests" has redis-server
  want slapd "the directory of the sign-in tests" on_disk slapd
  want krb5-kdc "the key distribution centre of the sign-in tests" on_disk krb5kdc
  want krb5-admin-server "gives it people and services" on_disk kadmin.local
  want krb5-user "signs people in there" has kinit
  want xvfb "the display of the window tests" has Xvfb
  want xserver-xephyr "a display that gets smaller, in a window test" has Xephyr
  want openbox "the window manager of the window tests" has openbox
  want xdotool "real keys and clicks in the window tests" has xdotool
  want imagemagick "pictures of the window tests" has import
  want ffmpeg "the posters of films in the tests" has ffmpeg
  want poppler-utils "the first pages of documents in the tests" has pdftoppm
  want dbus "the session bus of the tray tests" has dbus-daemon
  want xdg-utils "tells the system who opens sendjay: links" has xdg-mime
  want desktop-file-utils "checks the desktop files" has desktop-file-validate
  want libglib2.0-bin "opens links as a desktop does" has gio
  want fontconfig "finds the fonts for the pictures" has fc-list
  want fonts-noto-cjk "Korean letters in the pictures" font
  want fonts-noto-color-emoji "emoji in the pictures" emoji
  ;;
*)
  echo "usage: need.sh build|test|windows|msi" >&2
  exit 2
  ;;
esac

((${#missing[@]})) || exit 0

echo "sendjay: these system packages are missing:"
for package in "${missing[@]}"; do
  printf '  %-24s %s\n' "$package" "${why[$package]}"
done
command=(apt-get install -y --no-install-recommends "${missing[@]}")
if ! command -v apt-get >/dev/null; then
  echo "sendjay: install them with your system's package manager" >&2
  exit 1
fi
if [[ $(id -u) == 0 ]]; then
  as=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as=(sudo)
else
  echo "sendjay: run this once, then try again:" >&2
  echo "  sudo apt-get update && sudo ${command[*]}" >&2
  exit 1
fi
"${as[@]}" apt-get update -q
DEBIAN_FRONTEND=noninteractive "${as[@]}" env DEBIAN_FRONTEND=noninteractive "${command[@]}"
