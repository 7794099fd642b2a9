#!/usr/bin/env bash
# get-engines.sh [FOLDER]: unpacks real Redis and Valkey servers for tests, and an sshd for those of SFTP. Nothing is
# installed, no root is needed.
#
#   FOLDER/<product>-<version>/{server,cli,bench,check-rdb,check-aof}   started with their own loader and libraries
#   FOLDER/openssh-<version>/server                                     the same for sshd
#   FOLDER/SKIPPED                                                      "label: reason" of what could not be had
#
# Debian packages come from the mirror that this machine's apt uses, with their signatures checked; Redis 6.2 comes
# out of the library embedded-redis in the local Maven repository. What is there is kept; what was skipped is tried
# again after an hour. Ends with 0 if Redis 6.2 and 7.0 are there, else with 1 and the reason.
#
# FOLDER: RINGKEEP_ENGINES or .engines of this project. RINGKEEP_MAVEN_REPOSITORY: else ~/.m2/repository.
set -u -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-${RINGKEEP_ENGINES:-$here/../../.engines}}
mkdir -p "$folder" && cd "$folder" || exit 1
folder=$PWD
repository=${RINGKEEP_MAVEN_REPOSITORY:-$HOME/.m2/repository}

# label, Debian suite (or "embedded"), product. A suite that moves on brings a newer version under the same label.
rows="redis-6.0  bullseye redis
redis-6.2  embedded redis
redis-7.0  bookworm redis
redis-8.0  trixie   redis
valkey-8.1 trixie   valkey
valkey-9   forky    valkey
openssh    bookworm openssh"

has() { [ -r ".row-$1" ] && [ -x "$(cat ".row-$1")/server" ]; }

missing() { # the labels of rows that are not there
  local label
  while read -r label _; do has "$label" || echo "$label"; done <<<"$rows"
}

finish() {
  local label lacking=""
  [ ! -s SKIPPED ] || { echo "get-engines: skipped"; sed 's/^/  /' SKIPPED; } >&2
  for label in redis-6.2 redis-7.0; do has "$label" || lacking="$lacking $label"; done
  [ -z "$lacking" ] && exit 0
  echo "get-engines: tests cannot do without:$lacking" >&2
  echo "hint: mend the cause and run $here/get-engines.sh, or point RINGKEEP_ENGINES at a folder that has them" >&2
  exit 1
}

unpack_deb() { # unpack_deb SUITE PRODUCT INTO: the product's programs and every library that they need
  local suite=$1 product=$2 into=$3 packages first=$2-tools
  [ "$product" != openssh ] || first=openssh-server
  packages=$(apt-cache -c ".apt/$suite/apt.conf" depends --recurse --no-recommends --no-suggests --no-conflicts \
      --no-breaks --no-replaces --no-enhances "$first" |
    awk -v start="$first" '
      /^[^ ]/ { from = $1 }
      /Depends: (lib|lua-)/ { needs[from] = needs[from] " " $NF }
      END {
        queue[last = 1] = start; seen[start]
        for (i = 1; i <= last; i++) {
          print queue[i]
          n = split(needs[queue[i]], to, " ")
          for (j = 1; j <= n; j++) if (!(to[j] in seen)) { seen[to[j]]; queue[++last] = to[j] }
        }
      }') || return 1
  mkdir "$into/debs" "$into/root"
  # shellcheck disable=SC2086 # one word per package
  (cd "$into/debs" && timeout 120 apt-get -c "$folder/.apt/$suite/apt.conf" -qq download "$product-server" $packages) || return 1
  local deb
  for deb in "$into"/debs/*.deb; do dpkg -x "$deb" "$into/root" || return 1; done
  rm -rf "$into/debs"
}

write_launchers() { # write_launchers INTO PRODUCT [LOADER LIBRARIES]: both relative to INTO
  local into=$1 product=$2 loader=${3:-} libraries="" name program path
  for path in ${4:-}; do libraries="$libraries${libraries:+:}\$home/$path"; done
  for name in server cli bench check-rdb check-aof; do
    program=root/usr/bin/$product-${name/bench/benchmark}
    [ "$product-$name" != openssh-server ] || program=root/usr/sbin/sshd
    [ -e "$into/$program" ] || [ -L "$into/$program" ] || continue
    { echo '#!/bin/sh'
      echo 'home=${0%/*}'
      echo "exec ${loader:+\"\$home/$loader\" --library-path \"$libraries\" }\"\$home/$program\" \"\$@\""
    } >"$into/$name"
    chmod +x "$into/$name"
  done
}

keep() { # keep INTO LABEL PRODUCT: moves a whole engine to its place, named after what it says it is
  local into=$1 label=$2 product=$3 said version
  # An sshd of that age knows no option for its version, and says it all the same.
  said=$("$into/server" --version 2>&1) || [ "$product" = openssh ] || { echo "does not run here: $said"; return 1; }
  version=$(sed -n -e 's/.* v=\([0-9]*\.[0-9]*\.[0-9]*\).*/\1/p' -e 's/^OpenSSH_\([0-9.]*\).*/\1/p' <<<"$said" | head -n 1)
  [ -n "$version" ] || { echo "names no version: $said"; return 1; }
  rm -rf "$product-$version"
  chmod 755 "$into"
  mv "$into" "$product-$version" && echo "$product-$version" >".row-$label"
}

mirror() { # the archive that this machine's apt takes its own release from
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v own="$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")" '
      $3 == "main" && $2 == own { print $1; found = 1; exit }
      $3 == "main" && first == "" { first = $1 }
      END { if (!found && first != "") print first }'
}

update_suite() { # apt lists of one suite in folders of their own, beside this machine's other apt settings (proxies)
  local suite=$1 own=$folder/.apt/$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg uri
  uri=$(mirror)
  [ -n "$uri" ] || { echo "apt names no mirror here"; return 1; }
  mkdir -p "$own/lists/partial" "$own/cache/archives/partial"
  : >"$own/status"
  echo "deb $([ ! -r $keyring ] || echo "[signed-by=$keyring]") $uri $suite main" >"$own/sources.list"
  # A copy of a suite may be some days old; its signature still counts.
  cat >"$own/apt.conf" <<CONF
#clear APT::Update;
Dir::State "$own";
Dir::State::status "$own/status";
Dir::State::lists "$own/lists";
Dir::Cache "$own/cache";
Dir::Etc::SourceList "$own/sources.list";
Dir::Etc::SourceParts "-";
Dir::Etc::Preferences "-";
Dir::Etc::PreferencesParts "-";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
CONF
  # It ends with 0 where a mirror is out of reach.
  timeout 120 apt-get -c "$own/apt.conf" -qq update && [ -n "$(find "$own/lists" -name '*_Packages*')" ]
}

debian_row() { # debian_row LABEL SUITE PRODUCT
  local label=$1 suite=$2 product=$3 into loader libraries
  into=$(mktemp -d "$folder/.new-$label-XXXX")
  unpack_deb "$suite" "$product" "$into" || return 1
  loader=$(cd "$into" && find root -name 'ld-linux*.so.*' | head -n 1)
  libraries=$(cd "$into" && find root/lib root/usr/lib -maxdepth 1 -type d -name '*-linux-gnu*' 2>/dev/null | tr '\n' ' ')
  write_launchers "$into" "$product" "$loader" "$libraries"
  keep "$into" "$label" "$product"
}

embedded_row() { # embedded_row LABEL: the server inside the library embedded-redis
  local label=$1 into jar entry
  jar=$(ls -1 "$repository"/com/github/codemonstur/embedded-redis/*/embedded-redis-*[0-9].jar 2>/dev/null | sort -V | tail -n 1)
  [ -n "$jar" ] || { echo "embedded-redis is not in $repository; './mvnw -pl testkit verify' brings it"; return 1; }
  case $(uname -m) in
    x86_64) entry=redis-server-6.2.6-v5-linux-amd64 ;;
    aarch64) entry=redis-server-6.2.7-linux-arm64 ;;
    *) echo "embedded-redis has no server for $(uname -m)"; return 1 ;;
  esac
  into=$(mktemp -d "$folder/.new-$label-XXXX")
  mkdir -p "$into/root/usr/bin"
  if command -v unzip >/dev/null; then unzip -q "$jar" "$entry" -d "$into"
  else (cd "$into" && "${JAVA_HOME:?neither unzip nor JAVA_HOME is there}/bin/jar" -xf "$jar" "$entry"); fi || return 1
  chmod +x "$into/$entry" && mv "$into/$entry" "$into/root/usr/bin/redis-server"
  local name
  for name in check-rdb check-aof; do ln -s redis-server "$into/root/usr/bin/redis-$name"; done # the name decides
  write_launchers "$into" redis
  keep "$into" "$label" redis
}

row() { # row LABEL SUITE PRODUCT: its last words are the reason if it fails
  local said
  if [ "$2" = embedded ]; then said=$(embedded_row "$1" 2>&1)
  elif [ -n "${suite_error:-}" ]; then said=$suite_error; false
  else said=$(debian_row "$@" 2>&1); fi && return
  said=$(grep -v '^ *$' <<<"$said" | tail -n 1)
  echo "$1: ${said:-took too long}" >".skipped-$1"
}

suite() { # all missing rows of one suite
  local name=$1 labels=$2 suite_error="" label suite product
  if [ "$name" != embedded ]; then
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then suite_error="no apt-get or dpkg on this machine"
    else suite_error=$(update_suite "$name" 2>&1) && suite_error="" || suite_error="suite $name: $(grep -m 1 -E '^[EW]: ' <<<"$suite_error" || echo "${suite_error:-took too long}")"; fi
  fi
  while read -r label suite product; do
    [ "$suite" = "$name" ] && grep -qx "$label" <<<"$labels" && row "$label" "$suite" "$product"
  done <<<"$rows"
}

fresh_skips() { # true if everything that lacks was tried less than an hour ago
  [ -n "$(find SKIPPED -mmin -60 2>/dev/null)" ] && has redis-6.2 && has redis-7.0
}

labels=$(missing)
{ [ -z "$labels" ] || fresh_skips; } && finish
exec 9>.lock
flock -w 600 9 || { echo "get-engines: another run holds $folder/.lock" >&2; exit 1; }
labels=$(missing)
{ [ -z "$labels" ] || fresh_skips; } && finish
rm -rf .new-* .skipped-* .apt
for name in bullseye bookworm trixie forky embedded; do
  if awk -v s="$name" '$2 == s { print $1 }' <<<"$rows" | grep -qxF "$labels"; then suite "$name" "$labels" 9>&- & fi
done
wait
cat .skipped-* >SKIPPED 2>/dev/null || rm -f SKIPPED
rm -rf .new-* .skipped-* .apt
finish
