// A sentence that stands for a while at the lower edge, and is read out.
const STANDS_MS = 8000;
let timer = null;

export function say(words) {
  const said = document.getElementById('said');
  said.textContent = words;
  clearTimeout(timer);
  timer = setTimeout(() => { said.textContent = ''; }, STANDS_MS);
}
