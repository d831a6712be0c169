#!/bin/sh
# Installs Inglenook @VERSION@ for one user: this text, and behind it the packed files.
set -eu
umask 022

version='@VERSION@'
first_byte=@FIRST_BYTE@
packed_bytes=@PACKED_BYTES@
needed_kib=@NEEDED_KIB@
sha256='@SHA256@'
id=org.inglenook.Inglenook
file=$0

usage() {
    cat <<END
Inglenook $version for Linux on 64-bit x86 processors.

Usage: sh $(basename "$file") [OPTIONS]

  (none)            install for this user: program in ~/.local/share/inglenook-app,
                    command in ~/.local/bin, entry in the menus
  --dir DIR         install the program into DIR in place of ~/.local/share/inglenook-app
  --portable DIR    unpack into DIR/Inglenook, where everything stays together:
                    conversations, settings and models too; nothing else is touched
  --uninstall       remove what was installed; conversations and models stay
  --check           check that this file is whole, and do nothing else
  --quiet           say nothing but errors
  --help            show this

Exit codes: 0 done, 1 failed (said on standard error), 2 not understood.
END
}

say() { [ -n "$quiet" ] || printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
misunderstood() { printf '%s\n' "$*" >&2; usage >&2; exit 2; }

payload() { tail -c "+$first_byte" "$file" | head -c "$packed_bytes"; }

check_file() {
    if command -v sha256sum >/dev/null 2>&1; then
        found=$(payload | sha256sum)
    elif command -v shasum >/dev/null 2>&1; then
        found=$(payload | shasum -a 256)
    else
        fail "Neither sha256sum nor shasum is here, so this file cannot be checked. Nothing was changed."
    fi
    [ "${found%% *}" = "$sha256" ] || fail "This file is not whole (its SHA-256 differs). Download it again. Nothing was changed."
}

# Unpacks beside the target and moves it there at the end, so that a failure leaves what was there before.
unpack_to() {
    target=$1
    parent=$(dirname "$target")
    mkdir -p "$parent" || fail "The folder $parent cannot be made."
    free=$(df -Pk "$parent" | awk 'NR == 2 { print $4 }')
    case $free in
        '' | *[!0-9]*) ;;
        *) [ "$free" -ge "$needed_kib" ] || fail "$((needed_kib / 1024)) MiB are needed in $parent, and $((free / 1024)) are free." ;;
    esac
    new=$(mktemp -d "$parent/.inglenook-new.XXXXXX") || fail "The folder $parent cannot be written to."
    trap 'rm -rf "$new"' EXIT
    trap 'exit 1' HUP INT TERM
    payload | gzip -dc | (cd "$new" && tar -xof -) || fail "The files could not be unpacked. Nothing was changed."
}

# The program's folder of an installation holds this file; no other folder is ever removed.
mark=inglenook-installed

replace_program() {
    target=$1
    if [ -e "$target" ] || [ -L "$target" ]; then
        [ -f "$target/$mark" ] || fail "$target is there and was not made by this installer. Choose another folder with --dir."
        mv "$target" "$new/before"
    fi
    mv "$new/inglenook" "$target" || {
        if [ -e "$new/before" ]; then mv "$new/before" "$target"; fi
        fail "The program could not be put in place. What was there before is there again."
    }
}

quoted_for_desktop() {
    # The rules of the Desktop Entry Specification: within quotes, these four get a backslash; % is doubled.
    # A backslash is doubled once more, because it has a meaning in every value.
    printf '%s' "$1" | sed -e 's/[\\"`$]/\\&/g' -e 's/%/%%/g' -e 's/\\/\\\\/g'
}

refresh_menus() {
    for_quiet=/dev/null
    if command -v update-desktop-database >/dev/null 2>&1; then update-desktop-database "$data/applications" >$for_quiet 2>&1 || say "The menus may show the change after the next login."; fi
    if command -v update-mime-database >/dev/null 2>&1; then update-mime-database "$data/mime" >$for_quiet 2>&1 || say "Model files may get their type after the next login."; fi
    if command -v gtk-update-icon-cache >/dev/null 2>&1 && [ -f "$data/icons/hicolor/icon-theme.cache" ]; then
        gtk-update-icon-cache -q -t "$data/icons/hicolor" >$for_quiet 2>&1 || say "The icon may appear after the next login."
    fi
}

install_for_user() {
    program=${chosen:-$data/inglenook-app}
    case $program in /*) ;; *) program=$PWD/$program ;; esac
    unpack_to "$program"
    replace_program "$program"
    : >"$program/$mark"
    (cd "$new/share" && find . -type f) | sed 's|^\./||' | while IFS= read -r name; do
        mkdir -p "$data/$(dirname "$name")"
        cp "$new/share/$name" "$data/$name"
        printf '%s\n' "$name" >>"$program/$mark"
    done
    command=$(quoted_for_desktop "$program/inglenook")
    entry=$data/applications/$id.desktop
    awk -v command="$(printf '%s' "$command" | sed 's/\\/\\\\/g')" '
        /^Exec=/ { print "Exec=\"" command "\" %f"; next }
        /^TryExec=/ { next }
        { print }' "$new/share/applications/$id.desktop" >"$entry"
    mkdir -p "$bin"
    if [ -L "$bin/inglenook" ] || [ ! -e "$bin/inglenook" ]; then
        ln -sf "$program/inglenook" "$bin/inglenook"
    else
        say "$bin/inglenook is there and no link, so it was left alone."
    fi
    refresh_menus
    mkdir -p "$records"
    before=$(cat "$records/program" 2>/dev/null || :)
    if [ -n "$before" ] && [ "$before" != "$program" ] && [ -f "$before/$mark" ]; then
        say "The earlier installation in $before is removed."
        rm -rf "$before"
    fi
    printf '%s\n' "$program" >"$records/program"
    head -c "$((first_byte - 1))" "$file" >"$program/uninstall.sh"
    say "Inglenook $version is installed in $program."
    say "Start it from the menus, or with: $bin/inglenook"
    say "Remove it with: sh '$program/uninstall.sh' --uninstall"
}

install_portable() {
    unpack_to "$chosen/Inglenook"
    target=$chosen/Inglenook
    if [ -d "$target" ]; then
        [ -f "$target/portable.txt" ] || fail "$target is there and is no portable Inglenook. Choose another folder."
        # What is the user's own stays: everything that the new version does not bring itself.
        mkdir "$new/before"
        for name in inglenook _internal LICENSE; do
            if [ -e "$target/$name" ]; then mv "$target/$name" "$new/before/"; fi
            if [ -e "$new/inglenook/$name" ]; then mv "$new/inglenook/$name" "$target/$name"; fi
        done
    else
        mv "$new/inglenook" "$target"
        : >"$target/portable.txt"
    fi
    say "Inglenook $version is unpacked. Start it with: $target/inglenook"
}

uninstall() {
    [ -f "$records/program" ] || fail "Inglenook was not installed by this installer for this user."
    program=$(cat "$records/program")
    if [ -f "$program/$mark" ]; then
        while IFS= read -r name; do
            case $name in '' | /* | *..*) continue ;; esac
            rm -f "$data/$name"
        done <"$program/$mark"
        rm -rf "$program"
    fi
    if [ "$(readlink "$bin/inglenook" 2>/dev/null || :)" = "$program/inglenook" ]; then rm -f "$bin/inglenook"; fi
    rm -f "$records/program"
    rmdir "$records" 2>/dev/null || :
    refresh_menus
    say "Inglenook is removed. Conversations, settings and downloaded models are still in $data/Inglenook; delete that folder if you want them gone."
}

quiet=
act=install
chosen=
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --quiet) quiet=1 ;;
        --check) act=check ;;
        --uninstall) act=uninstall ;;
        --dir | --portable)
            if [ $# -lt 2 ] || [ -z "$2" ]; then misunderstood "$1 needs a folder."; fi
            [ "$1" = --dir ] || act=portable
            chosen=$2
            shift
            ;;
        *) misunderstood "There is no option $1." ;;
    esac
    shift
done

if [ "$act" = portable ]; then
    data=
else
    [ -n "${HOME:-}" ] || [ -n "${XDG_DATA_HOME:-}" ] || fail "HOME is not set, so there is no place to install to."
    data=${XDG_DATA_HOME:-$HOME/.local/share}
    bin=${HOME:-$data}/.local/bin
    records=$data/inglenook-installer
fi
if [ "$act" = uninstall ]; then
    uninstall
    exit 0
fi
[ "$(uname -s) $(uname -m)" = 'Linux x86_64' ] || fail "This Inglenook is for Linux on 64-bit x86 processors, and this is $(uname -s) on $(uname -m)."
say "Checking the file …"
check_file
case $act in
    check) say "The file is whole." ;;
    portable) install_portable ;;
    install) install_for_user ;;
esac
exit 0
