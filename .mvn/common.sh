# Sourced by ./tiefsee and ./verify, which set $root: where the JDK is, and how Maven is called.

die() {
  printf '%s\n' "tiefsee: $1" >&2
  exit 1
}

# is_jdk HOME: true for a JDK of at least version 25; the version goes to $major.
# Reads the "release" file instead of starting a JVM, so that it costs no time.
is_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS='="' read -r key _ value _; do
    if [ "$key" = JAVA_VERSION ]; then
      major=${value%%[!0-9]*}
      [ "${major:-0}" -ge 25 ]
      return
    fi
  done <"$1/release"
  return 1
}

# Follows symbolic links of $1 (readlink -f is not everywhere); the end goes to $resolved.
resolve() {
  resolved=$1
  while [ -L "$resolved" ]; do
    target=$(readlink "$resolved")
    case $target in
      /*) resolved=$target ;;
      *) resolved=${resolved%/*}/$target ;;
    esac
  done
}

# Sets and exports JAVA_HOME, or ends with what to install. JAVA_HOME and PATH come first; among the
# JDKs lying about, version 25 is preferred to newer ones, which nobody has tried yet.
find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && is_jdk "$JAVA_HOME"; then
    export JAVA_HOME
    return
  fi
  on_path=$(command -v java || true)
  if [ -n "$on_path" ]; then
    resolve "$on_path"
    home=$(cd "${resolved%/*}/.." && pwd -P)
    if is_jdk "$home"; then
      JAVA_HOME=$home
      export JAVA_HOME
      return
    fi
  fi
  newer=
  h=${HOME:-/nonexistent}
  for home in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/openjdk* /usr/local/*jdk* \
    /opt/*jdk* /opt/java /opt/java/* /opt/jvm/* /opt/jdks/* /opt/*/jdk* /snap/openjdk/current/jdk \
    "${SDKMAN_DIR:-$h/.sdkman}"/candidates/java/* "$h"/.jdks/* \
    "${ASDF_DATA_DIR:-$h/.asdf}"/installs/java/* \
    "${MISE_DATA_DIR:-$h/.local/share/mise}"/installs/java/* "$h"/.jabba/jdk/* \
    "$h"/.gradle/jdks/* "$h"/jdk* /home/linuxbrew/.linuxbrew/opt/openjdk*/libexec \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "$h"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    if is_jdk "$home"; then
      if [ "$major" -eq 25 ]; then
        JAVA_HOME=$home
        export JAVA_HOME
        return
      fi
      newer=$home
    fi
  done
  if [ -z "$newer" ] && [ -x /usr/libexec/java_home ]; then
    newer=$(/usr/libexec/java_home -v 25+ 2>/dev/null || true)
  fi
  if [ -z "$newer" ] && [ -n "$on_path" ]; then # a version manager's shim: ask it
    newer=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
  fi
  if [ -n "$newer" ] && is_jdk "$newer"; then
    JAVA_HOME=$newer
    export JAVA_HOME
    return
  fi
  die "needs a JDK, version 25 or newer, and found none (JAVA_HOME is ${JAVA_HOME:-not set}).
Install one of:
  Debian, Ubuntu   apt install openjdk-25-jdk
  Fedora           dnf install java-25-openjdk-devel
  macOS            brew install openjdk@25
  anywhere         https://adoptium.net, or with SDKMAN: sdk install java 25-tem
If it lies in an unusual folder, set JAVA_HOME to that folder."
}

# Maven: the pinned version through the wrapper; the installed one where the wrapper cannot fetch its own.
maven() {
  MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}"
  export MAVEN_OPTS
  if (cd "$root" && sh ./mvnw -v) >/dev/null 2>&1; then
    (cd "$root" && exec sh ./mvnw -B "$@")
  elif command -v mvn >/dev/null; then
    (cd "$root" && exec mvn -B "$@")
  else
    echo "Maven is not installed, and its wrapper could not download it:"
    (cd "$root" && sh ./mvnw -v) || return
  fi
}
