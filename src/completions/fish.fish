# mangetamain-deploy in fish: mangetamain-deploy completions fish | source
complete -c mangetamain-deploy -f
@MODES@
complete -c mangetamain-deploy -n '__fish_seen_subcommand_from completions' -a 'bash zsh fish'
@OPTIONS@
