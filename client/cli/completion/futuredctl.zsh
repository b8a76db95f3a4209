#compdef futuredctl
# Completion of futuredctl for zsh. What may follow, the program says itself.

_futuredctl() {
  local line found=1
  local -a candidates shown
  for line in "${(@f)$("$words[1]" complete -- "${(@Q)words[2,CURRENT]}" 2> /dev/null)}"; do
    if [[ $line == :files ]]; then
      compset -P '*='
      _files && found=0
    elif [[ -n $line ]]; then
      candidates+=("${line%%$'\t'*}")
      shown+=("${line/$'\t'/  -- }")
    fi
  done
  (( $#candidates )) && compadd -l -d shown -a candidates && found=0
  return found
}

_futuredctl "$@"
