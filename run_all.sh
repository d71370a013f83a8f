#!/usr/bin/env bash
# Regenerates the figures: checks the system packages, builds, and hands over to the tool.
set -euo pipefail

usage() {
  cat <<'TXT'
usage: ./run_all.sh [--profile smoke|quick|standard|paper] [--list] [--jobs N] [--shard I/N]
                    [--gather] [--recompute] [--trainings DIR] [--output DIR] [--diff]
                    [--accept [--partial] [--another-implementation]] [--no-plots]
                    [--instruction-set native|avx2] [--install] [--test] [NAME...]

Runs the named experiments (any unambiguous prefix), or all of them.
  --profile P   smoke (seconds), quick (the default, minutes), standard (full data, overnight),
                paper (full scale)
  --list        name the experiments and stop
  --jobs N      cells to run side by side (default: all cores)
  --shard I/N   compute the I-th of N parts of all cells, write no tables
  --gather      compute nothing, write tables of the finished cells and leave the others empty
  --recompute   take no training from Results/trainings; compute what is not in the own cache
  --trainings DIR
                take the trainings that another implementation stored in DIR, and no others
  --output DIR  write each experiment's results to a folder below DIR
  --diff        compare results with the stored baselines, run nothing
  --accept      store the results of the named experiments as baselines; with --partial also
                those that lack cells, with --another-implementation what a run with --trainings left
  --protocol P  train B's networks by the document (the default) or by the authors' later code
  --no-plots    write tables only
  --instruction-set S
                native (the default), or avx2: compile for AVX2 alone, in a build folder of its own,
                and keep oneDNN and OpenBLAS to it, to see what depends on the processor
  --install     first install the missing system packages
  --test        run the test suite instead
TXT
}

# Ends the script because of a wrong command line.
refuse() {
  echo "run_all.sh: $*" >&2
  exit 2
}

# A folder that is named from where the script was called.
from_caller() {
  case "$1" in
    /*) echo "$1" ;;
    *) echo "$caller/$1" ;;
  esac
}

# The same, from the checkout where it lies there: results say which folder it was.
from_checkout() {
  local folder
  folder="$(from_caller "$1")"
  echo "${folder#"$PWD"/}"
}

caller="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")"
install=false action=run instructions=native options=() names=() profile=() partial=() changes=
while [ $# -gt 0 ]; do
  # These change what is computed or where it goes, so that beside an action they cannot be meant.
  case "$1" in
    --gather | --recompute | --trainings* | --seed* | --set* | --protocol* | --output*) changes="${changes:-${1%%=*}}" ;;
  esac
  # An unset variable of the caller: the next word would be taken for the value.
  case "$1" in
    --*=) refuse "${1%=} needs a value" ;;
  esac
  case "$1" in
    --install) install=true ;;
    --list | --diff | --accept | --test)
      [ "$action" = run ] || [ "$action" = "${1#--}" ] ||
        refuse "--$action and $1 are two actions; give one of them"
      action="${1#--}" ;;
    --no-plots | --gather | --recompute) options+=("$1") ;;
    --partial | --another-implementation) partial+=("$1") ;;
    --profile | --jobs | --shard | --seed | --set | --protocol | --output | --trainings | \
      --instruction-set)
      [ $# -ge 2 ] && [ -n "$2" ] || refuse "$1 needs a value"
      case "$1" in
        --instruction-set) instructions="$2" ;;
        --profile) profile=("$1" "$2") ;;
        --output) options+=("$1" "$(from_caller "$2")") ;;
        --trainings) options+=("$1" "$(from_checkout "$2")") ;;
        *) options+=("$1" "$2") ;;
      esac
      shift ;;
    --profile=*) profile=("$1") ;;
    --instruction-set=*) instructions="${1#*=}" ;;
    --output=*) options+=(--output "$(from_caller "${1#*=}")") ;;
    --trainings=*) options+=(--trainings "$(from_checkout "${1#*=}")") ;;
    --jobs=* | --shard=* | --seed=* | --set=* | --protocol=*) options+=("$1") ;;
    -h | --help) usage; exit 0 ;;
    -*) refuse "unknown option $1; see ./run_all.sh --help" ;;
    *) names+=("$1") ;;
  esac
  shift
done
if [ "$action" != run ] && [ -n "$changes" ]; then
  refuse "$changes says nothing beside --$action; leave it out"
fi
# One instruction set is three switches: the compiler's, oneDNN's and OpenBLAS's. Compiled for the
# native one, element-wise loops use the widest registers of this machine.
case "$instructions" in
  native) cpu=native build=.build ;;
  avx2)
    case "$(uname -m)" in
      x86_64 | amd64) ;;
      *) refuse "--instruction-set avx2 is one of x86-64; this is $(uname -m)" ;;
    esac
    cpu=haswell build=.build-avx2
    export ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell ;;
  *) refuse "--instruction-set is native or avx2, not $instructions" ;;
esac
if [ "$action" != accept ] && [ "${#partial[@]}" -gt 0 ]; then
  refuse "${partial[0]} belongs to --accept"
fi

# libLBFGS has no pkg-config module everywhere; its header is looked for here.
prefix=/usr
if [ "$(uname)" = Darwin ]; then
  prefix="$(brew --prefix 2>/dev/null || echo /opt/homebrew)"
  for keg in openblas openssl@3 zlib libarchive; do
    PKG_CONFIG_PATH="/opt/homebrew/opt/$keg/lib/pkgconfig:/usr/local/opt/$keg/lib/pkgconfig:${PKG_CONFIG_PATH:-}"
  done
  export PKG_CONFIG_PATH
fi

# What the build and the figures need: a command or a pkg-config module or a header, the package on
# Debian and the one of Homebrew.
missing_packages() {
  local apt=() brew=()
  need() { apt+=("$1"); brew+=("$2"); }
  command -v pkg-config >/dev/null || need pkg-config pkg-config
  pkg-config --exists openblas 2>/dev/null || need libopenblas-dev openblas
  if [ "$(uname)" != Darwin ]; then
    [ -n "$(find /usr/include -maxdepth 2 -name lapacke.h 2>/dev/null)" ] || need liblapacke-dev openblas
  fi
  pkg-config --exists zlib 2>/dev/null || need zlib1g-dev zlib
  pkg-config --exists libcrypto 2>/dev/null || need libssl-dev openssl@3
  [ -f "$prefix/include/lbfgs.h" ] || need liblbfgs-dev liblbfgs
  [ -f "$prefix/include/oneapi/dnnl/dnnl.h" ] || need libdnnl-dev onednn
  pkg-config --exists libarchive 2>/dev/null || need libarchive-dev libarchive
  pkg-config --exists matio 2>/dev/null || need libmatio-dev libmatio
  command -v gnuplot >/dev/null || need gnuplot-nox gnuplot
  if [ "$(uname)" = Darwin ]; then echo "${brew[*]-}"; else echo "${apt[*]-}"; fi
}

install_packages() {
  echo "installing: $*" >&2
  if command -v apt-get >/dev/null; then
    local sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    ${sudo[@]+"${sudo[@]}"} apt-get update -qq >&2
    ${sudo[@]+"${sudo[@]}"} env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "$@" >&2
  elif command -v brew >/dev/null; then
    brew install "$@" >&2
  else
    echo "run_all.sh: no apt-get or brew here; install these yourself: $*" >&2
    exit 3
  fi
}

missing="$(missing_packages)"
if [ -n "$missing" ]; then
  if ! $install; then
    echo "run_all.sh: missing system packages: $missing; run again with --install" >&2
    exit 3
  fi
  # shellcheck disable=SC2086
  install_packages $missing
fi
if ! command -v swift >/dev/null; then
  echo "run_all.sh: no Swift toolchain; get Swift 6.1 or later from https://www.swift.org/install" >&2
  exit 3
fi

# Threads of oneDNN that wait for work would otherwise keep a core from those that have some.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
# OpenBLAS would start threads when a program is loaded; none is used.
export OPENBLAS_NUM_THREADS=1

# Without debug information, which would be three quarters of the folder; a crash still names functions.
flags=(-c release -debug-info-format none --scratch-path "$build")
flags+=(-Xswiftc -target-cpu -Xswiftc "$cpu")
if [ "$(uname)" = Darwin ]; then
  flags+=(-Xcc "-I$prefix/include" -Xlinker "-L$prefix/lib")
fi
if [ "$action" = test ]; then
  # What a test runs goes to folders of its own, not where its user's results go.
  unset MLCSC_ROOT MLCSC_RESULTS
  # No test imports more than what is public, so that tests and tools are compiled once.
  exec swift test "${flags[@]}" --disable-testable-imports \
    ${names[@]+--filter "$(IFS='|'; echo "${names[*]}")"}
fi

# Where every name stands for one experiment, the tool and these are built and nothing else; a name
# that does not is the tool's to refuse.
products=()
if [ "$action" = run ] && [ "${#names[@]}" -gt 0 ]; then
  products=(mlcsc)
  for name in "${names[@]}"; do
    found=(Experiments/"$name"*/)
    if [ -n "$name" ] && [ -d "Experiments/$name" ]; then found=("Experiments/$name/"); fi
    if [ "${#found[@]}" -ne 1 ] || [ ! -d "${found[0]}" ]; then
      products=(mlcsc)
      break
    fi
    found="${found[0]#Experiments/}"
    products+=("${found%/}")
  done
fi

# Keeps what a build says in a file and shows how far it is: on a terminal a line that changes, else
# one at the start and one a minute.
follow_build() {
  local line step="" shown=-60
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    [[ "$line" =~ ^\[([0-9]+)/([0-9]+)\]\ (Compiling|Emitting|Linking) ]] || continue
    step="building: step ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}, $SECONDS s"
    if [ -t 2 ]; then
      printf '\r\033[2K%s' "$step" >&2
    elif [ $((SECONDS - shown)) -ge 60 ]; then
      shown=$SECONDS
      printf '%s\n' "$step" >&2
    fi
  done
  if [ -n "$step" ] && [ -t 2 ]; then printf '\r\033[2K' >&2; fi
}

SECONDS=0
if ! log="$(mktemp)"; then
  echo "run_all.sh: no file can be made in ${TMPDIR:-/tmp}; TMPDIR can name another folder" >&2
  exit 3
fi
trap 'rm -f "$log"' EXIT
if [ ! -d "$build/release" ]; then echo "building (a few minutes the first time) ..." >&2; fi
for product in "${products[@]-}"; do
  if ! swift build "${flags[@]}" ${product:+--product "$product"} 2>&1 | follow_build; then
    cat "$log" >&2
    # The compiler's own files name the folder that they were made in.
    if grep -qE 'module cache path|different from the one|has been modified since|not found.*\.pcm' "$log"; then
      echo "run_all.sh: $build may come from another folder; remove $PWD/$build and try again" >&2
    fi
    exit 3
  fi
done
rm -f "$log"
trap - EXIT
tool="$(swift build "${flags[@]}" --show-bin-path)/mlcsc"

# A cell that was computed with another instruction set is not the same cell.
unset MLCSC_INSTRUCTION_SET
if [ "$instructions" != native ]; then export MLCSC_INSTRUCTION_SET="$instructions"; fi

# The tool takes this process over, so that a signal sent to it reaches the experiments.
case "$action" in
  list) exec "$tool" list ;;
  diff) exec "$tool" diff ${profile[@]+"${profile[@]}"} ${names[@]+"${names[@]}"} ;;
  accept)
    exec "$tool" accept ${profile[@]+"${profile[@]}"} ${partial[@]+"${partial[@]}"} ${names[@]+"${names[@]}"}
    ;;
  run)
    exec "$tool" run ${profile[@]+"${profile[@]}"} ${options[@]+"${options[@]}"} ${names[@]+"${names[@]}"}
    ;;
esac
