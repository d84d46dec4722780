// Rows that come from the journal page by page, newest first.
import { get } from './api.js';
import { changed } from './store.js';

// A list of its own for each view: reload(parameters) begins afresh, more() asks for older ones.
export function pages(path) {
  const list = { rows: [], reviews: [], next: null, loading: false, error: '', asked: null, at: 0, reload, more };
  let number = 0;

  async function load(parameters, before) {
    const mine = ++number;
    list.loading = true;
    changed();
    try {
      const answer = await get(path, { ...parameters, before_seq: before, limit: 200 });
      if (mine !== number) return;
      list.rows = before === null ? answer.rows : list.rows.concat(answer.rows);
      list.reviews = answer.reviews ?? [];
      list.next = answer.next_before_seq;
      list.error = '';
    } catch (error) {
      if (mine !== number) return;
      list.error = error.message;
    }
    list.loading = false;
    list.at = performance.now();
    changed();
  }

  function reload(parameters) {
    list.asked = parameters;
    return load(parameters, null);
  }

  function more() {
    return load(list.asked, list.next);
  }

  return list;
}
