// Mermaid's own parser, for charts in summaries: it needs a document for what it cleans texts with.
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');

/** The charts in a Markdown text, as Mermaid reads them: [{type, section, tasks: [{name, from, to, failed}]}]. */
export async function chartsIn(markdown) {
  const blocks = [...markdown.matchAll(/^```mermaid\n([^]*?)^```$/gm)].map(([, text]) => text);
  return Promise.all(blocks.map(async (text) => {
    // Parsing is also what loads the kind of chart.
    await mermaid.parse(text);
    const { type, db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const tasks = db.getTasks().map(({ task, section, startTime, endTime, crit }) => ({ name: task.trim(), section, from: Number(startTime), to: Number(endTime), failed: crit === true }));
    return { type, section: tasks[0]?.section, tasks };
  }));
}
