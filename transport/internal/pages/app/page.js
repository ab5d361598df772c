// What the document came with: the server writes it into the page, so that nothing has to be
// asked for before there is something to see.

export const page = JSON.parse(document.getElementById('page').textContent);

// lang is the language of the texts, for dates and lists.
export const lang = document.documentElement.lang || 'en';

// kept remembers little things in this browser; where that is forbidden it forgets them.
export const kept = {
  get(key) {
    try {
      return localStorage.getItem(`stagedoor:${key}`) ?? '';
    } catch {
      return '';
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`stagedoor:${key}`, value);
    } catch {
      // A private window, perhaps. Nothing depends on it.
    }
  },
};
