#!/usr/bin/env bash
# Makes the Windows package out of a folder with sendjay.exe and, where it is, sendjay-window.exe.
#   msi.sh VERSION FOLDER OUT.msi
# The same programs and version give the same package, but for the moment of making that wixl writes into it.
set -euo pipefail
version=$1 folder=$(realpath "$2") out=$(realpath -m "$3")
here=$(cd "$(dirname "$0")" && pwd)

# Windows counts three numbers; a build between two tags counts as the one before it, and replaces it.
number=0.0.0
[[ $version =~ ^v?([0-9]+\.[0-9]+\.[0-9]+) ]] && number=${BASH_REMATCH[1]}
# Every version is a product of its own, whose code follows from it.
hash=$(printf 'sendjay:msi:%s' "$version" | sha1sum | tr a-f A-F)
code="${hash:0:8}-${hash:8:4}-5${hash:13:3}-8${hash:17:3}-${hash:20:12}"

mkdir -p "$(dirname "$out")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# wixl looks beside its source, and writes the times of the files into the cabinet.
cp "$folder/sendjay.exe" "$here/sendjay.ico" "$work/"
if [[ -e $folder/sendjay-window.exe ]]; then
  cp "$folder/sendjay-window.exe" "$here/sendjay.wxs" "$work/"
else
  echo "msi.sh: no sendjay-window.exe: the tray will open the browser" >&2
  sed '/<!-- window -->/d' "$here/sendjay.wxs" >"$work/sendjay.wxs"
fi
touch -d "@${SOURCE_DATE_EPOCH:-315532800}" "$work"/*
wixl -a x64 -o "$work/sendjay.msi" -D ProductCode="$code" -D Version="$number"  "$work/sendjay.wxs"

# What wixl cannot say, or says in its own way.
change=()
change() { change+=(-q "UPDATE \`$1\` SET $2 WHERE $3"); }
change Component "\`Condition\`='SERVERURL'" "\`Component\`='Server'"
change Component "\`Condition\`='STARTHIDDEN'" "\`Component\`='Hidden'"
change Component "\`Condition\`='AUTOSTART<>\"0\"'" "\`Component\`='AtSignIn'"
change Property "\`Value\`='WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;SERVERURL;STARTHIDDEN;AUTOSTART;START;KEEPRUNNING'" "\`Property\`='SecureCustomProperties'"
# The old version goes first, and comes back when the new one fails.
order() { change InstallExecuteSequence "\`Sequence\`=$2" "\`Action\`='$1'"; }
order ServerMachine 51
order ServerUser 52
order HiddenMachine 53
order HiddenUser 54
order AutostartMachine 55
order AutostartUser 56
order AutostartPreset 57
order PersonsFolder 58
order Quit 1390
order RemoveExistingProducts 1501
order Start 6601
# The service is the computer's, and its program lies where people without rights cannot write.
forall='(ALLUSERS=1 OR (ALLUSERS=2 AND NOT MSIINSTALLPERUSER=1))'
change InstallExecuteSequence "\`Condition\`='$forall'" "\`Action\`='StopServices'"
change InstallExecuteSequence "\`Condition\`='$forall'" "\`Action\`='DeleteServices'"
change InstallExecuteSequence "\`Condition\`='$forall AND INSTALLDIR ~<< ProgramFiles64Folder'" "\`Action\`='InstallServices'"
msibuild "$work/sendjay.msi" "${change[@]}"

# Queries change no keys and know no negative numbers.
rewrite() { # table, sed's program
  msiinfo export "$work/sendjay.msi" "$1" | sed -E "$2" >"$work/$1.idt"
  msibuild "$work/sendjay.msi" -i "$work/$1.idt"
}
rewrite Registry 's/^(reg[^\t]*)\t4\t/\1\t-1\t/'                # HKMU
rewrite Upgrade 's/\t1\t([^\t]*)\tWIX_UPGRADE/\t513\t\1\tWIX_UPGRADE/' # another build of the same number is replaced too

table() { # name, and its rows from the standard input, cells between bars
  tr '|' '\t' | sed 's/$/\r/' >"$work/$1.idt"
  msibuild "$work/sendjay.msi" -i "$work/$1.idt"
}
# Notifications stand under the application id of desktop/toast, and Windows looks for it at the shortcut.
table MsiShortcutProperty <<'ROWS'
MsiShortcutProperty|Shortcut_|PropertyKey|PropVariantValue
s72|s72|s255|s255
MsiShortcutProperty|MsiShortcutProperty
MenuEntryId|MenuEntry|System.AppUserModel.ID|Sendjay.Desktop
ROWS
# What an update in place has left beside the programs.
table RemoveFile <<'ROWS'
FileKey|Component_|FileName|DirProperty|InstallMode
s72|s72|L255|s72|i2
RemoveFile|FileKey
Old|Tray|*.old*|INSTALLDIR|2
New|Tray|*.new|INSTALLDIR|2
Staged|Tray|*|STAGEDDIR|2
StagedFolder|Tray||STAGEDDIR|2
Update|Tray|*|UPDATEDIR|2
UpdateFolder|Tray||UPDATEDIR|2
ROWS
# Whoever sits at the computer may look at the service and start it, and nothing else.
table MsiLockPermissionsEx <<'ROWS'
MsiLockPermissionsEx|LockObject|Table|SDDLText|Condition
s72|s72|s32|s0|S255
MsiLockPermissionsEx|MsiLockPermissionsEx
UpdateService|UpdateService|ServiceInstall|D:(A;;CCLCSWRPWPDTLOCRSDRCWDWO;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCRPLORC;;;IU)|
ROWS
mv "$work/sendjay.msi" "$out"
