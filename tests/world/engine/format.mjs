// The part of Go's templates in which the action asks docker for lines: {{.A.B}}, {{json .A.B}},
// {{json (.Label "name")}}, {{if .A}}..{{else}}..{{end}}. A field that docker does not have is an
// error, as it is there.

/** Fills a template from a record; `label(name)` answers `.Label`. */
export function filled(template, record, label) {
  const parts = template.split(/\{\{(.*?)\}\}/s).map((text, at) => ({ text: text.trim(), code: at % 2 === 1, raw: text }));
  const out = [];
  const skipping = [];
  for (const { text, code, raw } of parts) {
    const condition = code && /^if (.+)$/.exec(text);
    if (condition) skipping.push(!value(condition[1], record, label));
    else if (code && text === 'else') skipping.push(!skipping.pop());
    else if (code && text === 'end') skipping.pop();
    else if (!skipping.includes(true)) out.push(code ? shown(text, record, label) : raw);
  }
  return out.join('');
}

function shown(code, record, label) {
  const json = /^json (.+)$/.exec(code);
  return json ? JSON.stringify(value(json[1], record, label)) : String(value(code, record, label) ?? '<no value>');
}

function value(expression, record, label) {
  const asked = /^\(?\.Label "([^"]+)"\)?$/.exec(expression);
  if (asked && label) return label(asked[1]);
  if (!/^\.[\w.]*$/.test(expression)) throw new Error(`docker (stand-in): cannot read the template ${expression}`);
  const names = expression.split('.').filter(Boolean);
  return names.reduce((at, name) => {
    if (at === null || !Object.hasOwn(at, name)) throw new Error(`template parsing error: no field ${name} in ${expression}`);
    return at[name];
  }, record);
}
