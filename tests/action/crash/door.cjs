// Where the core asks its host: the import of the WASM module whose name begins with `__wbg_perform`.
// `wrap(perform)` gives what stands in its place; nothing in the product knows of it.
'use strict';

exports.atDoor = (wrap) => {
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, [module, imports]) {
      for (const glue of Object.values(imports)) {
        for (const name of Object.keys(glue).filter((one) => one.startsWith('__wbg_perform'))) glue[name] = wrap(glue[name]);
      }
      return new target(module, imports);
    },
  });
};

/** A command as words: what it does and, of a process, its program and arguments. */
exports.named = (command) => [command.do, command.program, ...(command.args ?? [])].filter(Boolean).join(' ').replace(/\s+/g, ' ');

// What only asks, by the first words after a program's options.
const QUESTIONS = {
  git: /^(rev-parse|merge-base|diff-tree|status|ls-files|log|rev-list|grep|for-each-ref|config --get) /,
  docker: /^(inspect|ps|image inspect|compose version) /,
  'docker-compose': /^version /,
};
const OPTIONS = /^(-c \S+ )*/;

/** Whether a command leaves the world as it was. */
exports.asksOnly = (command) => {
  if (command.do === 'http') return command.method === 'GET';
  return QUESTIONS[command.program]?.test(`${(command.args ?? []).join(' ')} `.replace(OPTIONS, '')) === true;
};
