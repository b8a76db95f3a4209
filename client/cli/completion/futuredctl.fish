# Completion of futuredctl for fish. What may follow, the program says itself.

function __futuredctl_complete
    set -l before (commandline --tokenize --cut-at-cursor --current-process)
    set -l word (commandline --current-token --cut-at-cursor)
    for line in ($before[1] complete -- $before[2..-1] "$word" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (string replace --regex '^--[^=]*=' '' -- "$word")
        else
            echo $line
        end
    end
end

complete --command futuredctl --no-files --arguments '(__futuredctl_complete)'
