/**
 * What runs in the page of a comparison: a range drawn on an axis leaves the runs in it, a run pointed at is shown in every part, and a
 * column's name sorts the table. It reads numbers of attributes alone, and writes no HTML.
 * @module
 */
export const comparisonScript = `
"use strict";
(() => {
  const svg = document.querySelector("svg.parallel");
  const all = [...document.querySelectorAll("[data-run]")];
  const byRun = new Map();
  for (const each of all) {
    const of = byRun.get(each.dataset.run) ?? [];
    of.push(each);
    byRun.set(each.dataset.run, of);
  }
  const ranges = new Map();
  const count = document.querySelector("#count");
  const reset = document.querySelector("#reset");
  const filter = () => {
    let left = 0;
    for (const line of svg ? svg.querySelectorAll("path[data-run]") : []) {
      const at = line.dataset.at.split(" ").map(Number);
      const isIn = [...ranges].every(([axis, [from, to]]) => at[axis] >= from && at[axis] <= to);
      if (isIn) left++;
      for (const each of byRun.get(line.dataset.run)) each.classList.toggle("off", !isIn);
    }
    if (reset) reset.hidden = ranges.size === 0;
    if (count) count.textContent = ranges.size === 0 ? "" : left + " of " + byRun.size + " runs are within";
  };
  const heightAt = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).y;
  for (const axis of svg ? svg.querySelectorAll("[data-axis]") : []) {
    const index = Number(axis.dataset.axis);
    const grip = axis.querySelector(".grip");
    const brush = axis.querySelector(".brush");
    const show = (from, to) => {
      brush.setAttribute("y", String(from));
      brush.setAttribute("height", String(Math.max(0, to - from)));
    };
    let start;
    grip.addEventListener("pointerdown", (event) => {
      start = heightAt(event);
      grip.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    grip.addEventListener("pointermove", (event) => {
      if (start === undefined) return;
      const now = heightAt(event);
      show(Math.min(start, now), Math.max(start, now));
    });
    grip.addEventListener("pointerup", (event) => {
      if (start === undefined) return;
      const now = heightAt(event);
      const [from, to] = [Math.min(start, now), Math.max(start, now)];
      start = undefined;
      // A click takes the range away.
      if (to - from < 3) {
        ranges.delete(index);
        show(from, from);
      } else ranges.set(index, [from, to]);
      filter();
    });
    axis.addEventListener("clear", () => show(0, 0));
  }
  reset?.addEventListener("click", () => {
    ranges.clear();
    for (const axis of svg.querySelectorAll("[data-axis]")) axis.dispatchEvent(new Event("clear"));
    filter();
  });
  for (const [, of] of byRun)
    for (const each of of) {
      each.addEventListener("pointerenter", () => of.forEach((one) => one.classList.add("on")));
      each.addEventListener("pointerleave", () => of.forEach((one) => one.classList.remove("on")));
    }
  for (const table of document.querySelectorAll("table.sorted")) {
    const heads = [...table.querySelectorAll("th button")];
    heads.forEach((button, column) => {
      button.addEventListener("click", () => {
        const isDown = button.getAttribute("aria-pressed") === "true" && button.dataset.order !== "down";
        for (const each of heads) each.setAttribute("aria-pressed", "false");
        button.setAttribute("aria-pressed", "true");
        button.dataset.order = isDown ? "down" : "up";
        const valueOf = (row) => row.children[column].dataset.value ?? row.children[column].textContent;
        const rows = [...table.tBodies[0].rows];
        const compare = (a, b) => {
          const [x, y] = [valueOf(a), valueOf(b)];
          const [p, q] = [Number.parseFloat(x), Number.parseFloat(y)];
          const isNone = (text, number) => text === "" || (button.dataset.kind === "number" && Number.isNaN(number));
          if (isNone(x, p) || isNone(y, q)) return Number(isNone(x, p)) - Number(isNone(y, q));
          const order = button.dataset.kind === "number" ? p - q : x.localeCompare(y, "en", { numeric: true });
          return isDown ? -order : order;
        };
        table.tBodies[0].append(...rows.sort(compare));
      });
    });
  }
})();
`;
