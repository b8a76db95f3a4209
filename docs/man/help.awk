# Turns what a program prints for --help, or what futured prints for --print-config, into roff. The lists of options in
# the pages come from the programs, so they cannot differ from them. Needs LC_ALL=C: columns are bytes.
#
# part=options   the options, of all sections
# part=notes     what follows them, as it stands
# part=command   all of one subcommand's help, below its description
# part=keys      the keys of a configuration, from --print-config

BEGIN { kColumn = 30 }

function roff(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  if (text ~ /^[.']/) text = "\\&" text
  return text
}

function trimmed(text) {
  sub(/^ +/, "", text)
  sub(/ +$/, "", text)
  return text
}

# "-h,--help", "--executor NAME.KEY=VALUE", "--memory{true}": the name bold, what follows it as it is.
function entry(text,    name, rest) {
  text = trimmed(text)
  sub(/\{true\}/, "", text)
  name = text
  sub(/ .*/, "", name)
  rest = substr(text, length(name) + 1)
  gsub(/,/, "\\fR, \\fB", name)
  print ".TP"
  print "\\fB" roff_name(name) "\\fR" roff(rest)
}

# Its font changes are kept.
function roff_name(text) {
  gsub(/-/, "\\-", text)
  return text
}

function heading(text) {
  print part == "command" ? ".PP" : ".SS " roff(text)
  if (part == "command") print ".B " roff(text)
}

function print_list_line(line,    name, words) {
  if (length(line) >= kColumn && substr(line, kColumn, 1) == " " && substr(line, 3, 1) != " ") {
    name = substr(line, 1, kColumn - 1)
    words = substr(line, kColumn + 1)
  } else if (substr(line, 3, 1) != " ") {
    name = line
  } else {
    words = line
  }
  if (name != "") entry(name)
  if (trimmed(words) != "") print roff(trimmed(words))
}

# As it stands: lines of people's text are broken where they wrote them.
function print_note(line) {
  if (line ~ /^[A-Z][^.]*:$/ && line !~ /,/) {
    stop_text()
    print ".PP"
    print ".B " roff(substr(line, 1, length(line) - 1))
    return
  }
  if (!in_text && line == "") return
  if (!in_text) {
    print ".PP"
    print ".nf"
    in_text = 1
  }
  print line == "" ? "" : roff(line)
}

function stop_text() {
  if (in_text) print ".fi"
  in_text = 0
}

part == "keys" && /^\[/ {
  print ".SS " roff(section_title())
  next
}
part == "keys" && /^# [a-z_]+ = / { key($2, ""); next }
part == "keys" && /^# / { words = substr($0, 3); next }
part == "keys" && / = / {
  value = $0
  sub(/^[a-z_]+ = /, "", value)
  key($1, value)
  next
}
part == "keys" { next }

# Nothing is told as a default that is the machine's, or the sample's that is shown.
function key(name, value) {
  print ".TP"
  if (value == "" || name ~ /^(data_dir|max_workers|worker|command|executor|kind)$/) {
    print "\\fB" name "\\fR"
  } else {
    print "\\fB" name "\\fR = " roff(value)
  }
  print roff(words)
}

function section_title() {
  if ($0 ~ /^\[functions/) return "[functions.\"NAME\"]"
  if (seen_executor++) return "[executors.NAME], of kind \"process\""
  return "[executors.NAME], of kind \"thread\""
}

# The options begin with a list, the notes with the first line behind the lists that is in none.
/^Usage:/ { next }
/^(Options|Positionals|Subcommands|Credentials.*):$/ {
  in_list = 1
  listed = $0 !~ /^Subcommands/ || part == "command"
  if (part == "command" || part == "options" && $0 ~ /^Credentials/) heading(substr($0, 1, length($0) - 1))
  next
}
in_list && /^  / {
  if (part != "notes" && listed) print_list_line($0)
  next
}
in_list && /^$/ { next }
in_list && /^[^ ]/ { in_list = 0; in_notes = 1 }
in_notes && part != "options" { print_note($0) }
END { stop_text() }
