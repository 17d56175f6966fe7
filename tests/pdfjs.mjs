// Draws pages of a PDF file with pdf.js, or takes its text: draw FILE FOLDER SCALE PAGE…, read FILE.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const { createCanvas } = require("@napi-rs/canvas");
const place = dirname(require.resolve("pdfjs-dist/package.json"));
const { getDocument, AnnotationMode, VerbosityLevel } = await import(join(place, "legacy/build/pdf.mjs"));

const [, , verb, file, folder, scale, ...pages] = process.argv;
const task = getDocument({
  data: new Uint8Array(readFileSync(file)),
  cMapUrl: join(place, "cmaps") + "/",
  cMapPacked: true,
  standardFontDataUrl: join(place, "standard_fonts") + "/",
  wasmUrl: join(place, "wasm") + "/",
  isEvalSupported: false,
  verbosity: VerbosityLevel.ERRORS,
});
const pdf = await task.promise;

if (verb === "read") {
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    console.log(items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join(""));
  }
} else {
  for (const page of pages) {
    const shown = await pdf.getPage(Number(page) + 1);
    const viewport = shown.getViewport({ scale: Number(scale) });
    const canvas = createCanvas(Math.ceil(viewport.width), Math.ceil(viewport.height));
    const canvasContext = canvas.getContext("2d");
    canvasContext.fillStyle = "white";
    canvasContext.fillRect(0, 0, canvas.width, canvas.height);
    await shown.render({ canvasContext, viewport, annotationMode: AnnotationMode.ENABLE }).promise;
    writeFileSync(join(folder, `${page}.png`), canvas.toBuffer("image/png"));
  }
}
await task.destroy();
