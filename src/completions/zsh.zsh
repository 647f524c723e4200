#compdef mangetamain-deploy
# mangetamain-deploy in zsh: source <(mangetamain-deploy completions zsh)
_mangetamain_deploy() {
  local -a offered
  local option=${words[CURRENT-1]}
  if [[ ${words[CURRENT]} == --*=* ]]; then
    option=${words[CURRENT]%%=*}
    compset -P 1 '*='
  fi
  case $option in
    @PATHS@) _files; return ;;
    @TEXTS@) return ;;
@WORDS@
  esac
  if (( CURRENT == 2 )); then
    offered=(
@MODES@
    )
    _describe mode offered; return
  fi
  case ${words[2]} in
@OPTIONS@
    completions) offered=(bash zsh fish) ;;
  esac
  _describe option offered
}
compdef _mangetamain_deploy mangetamain-deploy
