// Measures llama.cpp through node-llama-cpp:
//   node node-llama-cpp.mjs NODE_MODULES MODEL THREADS PROMPT GENERATE REPETITIONS
// GENERATE 0 times a prompt of PROMPT tokens; otherwise that many tokens after PROMPT others.
// Prints {"tokens_per_second":[…]} as its last line; one repetition for warming up is left out.
import {pathToFileURL} from "node:url";
import path from "node:path";

const [modules, modelPath, threads, prompt, generate, repetitions] = process.argv.slice(2);
const entry = path.join(modules, "node-llama-cpp", "dist", "index.js");
const {getLlama} = await import(pathToFileURL(entry).href);

const n = Number(generate);
const depth = Math.max(Number(prompt), 1);
const llama = await getLlama({gpu: false, build: "never", maxThreads: Number(threads), logLevel: "error"});
const model = await llama.loadModel({modelPath, gpuLayers: 0});
const context = await model.createContext({
  contextSize: depth + n + 8,
  batchSize: 512,
  threads: {ideal: Number(threads), min: Number(threads)},
  flashAttention: true,
});
const sequence = context.getSequence();
// Tokens of real text, so that no control token is among them.
const text = model.tokenize("The quick brown fox jumps over the lazy dog and runs on. ".repeat(depth));

const speeds = [];
for (let i = -1; i < Number(repetitions); i++) {
  await sequence.clearHistory();
  // Another start each time, so that nothing could be reused.
  const tokens = text.slice(i + 2, i + 2 + depth);
  let began = performance.now();
  let made = 0;
  if (n === 0) {
    await sequence.evaluateWithoutGeneratingNewTokens(tokens);
    made = tokens.length;
  } else {
    for await (const _ of sequence.evaluate(tokens, {temperature: 0, yieldEogToken: true})) {
      if (made === 0) began = performance.now();
      if (made++ === n) break;
    }
    made--;
  }
  if (i >= 0) speeds.push((made * 1000) / (performance.now() - began));
}
console.log(JSON.stringify({tokens_per_second: speeds}));
process.exit(0);
