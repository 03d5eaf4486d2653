"use strict";
(() => {
  const form = document.getElementById("filter");
  const questions = Array.from(document.querySelectorAll("article.question"));
  const shown = document.getElementById("shown");
  const texts = new Map();
  const textOf = (question) => {
    if (!texts.has(question)) texts.set(question, question.textContent.toLowerCase());
    return texts.get(question);
  };
  const value = (name) => form.elements[name]?.value ?? "";
  const apply = () => {
    const words = value("text").toLowerCase().split(/\s+/).filter(Boolean);
    const run = value("run");
    let count = 0;
    for (const question of questions) {
      const states = question.dataset.states.split("|").map((pair) => pair.split(":"));
      const fits =
        (!value("state") || states.some(([place, state]) => state === value("state") && (!run || run === place))) &&
        (!value("type") || question.dataset.type === value("type")) &&
        (!value("lang") || question.dataset.lang === value("lang")) &&
        (!value("split") || question.dataset.split === value("split")) &&
        question.dataset.differ.split(" ").includes(value("differ")) &&
        words.every((word) => textOf(question).includes(word));
      question.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${questions.length} questions`;
  };
  const open = (wanted) => {
    for (const question of questions) if (!question.hidden) question.querySelector("details").open = wanted;
  };
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("open-all").addEventListener("click", () => open(true));
  document.getElementById("close-all").addEventListener("click", () => open(false));
  form.hidden = false;
  apply();
})();
