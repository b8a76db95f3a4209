# Completion of futuredctl for bash. What may follow, the program says itself.

_futuredctl() {
  local line=${COMP_LINE:0:COMP_POINT} word candidate
  local -a words
  # COMP_WORDS is split at '=' and ':' too, which belong to words here.
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  word=${words[-1]}
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [[ $candidate == :files ]]; then
      compopt -o filenames 2> /dev/null
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${word##*=}")
    else
      candidate=${candidate%%$'\t'*}
      [[ $candidate == "$word"* ]] && COMPREPLY+=("$(_futuredctl_tail "$word" "$candidate")")
    fi
  done < <("${words[0]}" complete -- "${words[@]:1}" 2> /dev/null)
}

# _futuredctl_tail WORD CANDIDATE: the part of the candidate that bash replaces, which is what follows the last break
# in the word.
_futuredctl_tail() {
  local head=${1%"${1##*[=:]}"}
  printf '%s\n' "${2#"$head"}"
}

complete -F _futuredctl futuredctl
