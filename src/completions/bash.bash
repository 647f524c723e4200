# mangetamain-deploy in bash: eval "$(mangetamain-deploy completions bash)"
_mangetamain_deploy() {
  local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} before= words=
  COMPREPLY=()
  # `--option=value` is three words where `=` breaks words, as it does by default; else it is one.
  if [ "$cur" = = ]; then cur=
  elif [ "$option" = = ]; then option=${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $cur == --*=* ]]; then option=${cur%%=*} cur=${cur#*=} before=$option=
  fi
  case $option in
    # readline's own way with files: a slash after a folder, and blanks are quoted.
    @PATHS@) compopt -o default 2>/dev/null; return ;;
    @TEXTS@) return ;;
@WORDS@
    *)
      if [ "$COMP_CWORD" = 1 ]; then words='@MODES@ completions --help --version'
      else case ${COMP_WORDS[1]} in
@OPTIONS@
        completions) words='bash zsh fish' ;;
      esac; fi ;;
  esac
  COMPREPLY=($(compgen -P "$before" -W "$words" -- "$cur"))
}
complete -F _mangetamain_deploy mangetamain-deploy
