// Tools that the page itself runs for the model. Nothing is evaluated as code.

const definition = (name, description, parameters) => ({
  type: 'function',
  function: { name, description, parameters: { type: 'object', properties: parameters, required: Object.keys(parameters) } },
});

export function builtInTools() {
  return [
    definition('calculate', 'Computes an arithmetic expression with + - * / ^, parentheses and sqrt, exactly as written.', {
      expression: { type: 'string', description: 'for instance (17 + 4) * 3' },
    }),
    definition('current_time', 'The present date and time of the user.', {}),
  ];
}

/** True if the page runs this tool; the result of another is asked of the user. */
export function isBuiltIn(name) {
  return builtInTools().some((tool) => tool.function.name === name);
}

/** Runs a tool of the page; what goes wrong becomes the result, so that the model can do better. */
export function runTool(name, json) {
  try {
    const input = json.trim() ? JSON.parse(json) : {};
    return name === 'calculate' ? String(calculate(String(input.expression ?? ''))) : new Date().toString();
  } catch (error) {
    return 'Error: ' + error.message;
  }
}

/** Recursive descent over: sum = product {(+|-) product}; product = power {(*|/) power}; power = sign [^ power]. */
export function calculate(expression) {
  const tokens = expression.match(/\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|sqrt|\S/g) ?? [];
  let at = 0;
  const accept = (...wanted) => (wanted.includes(tokens[at]) ? tokens[at++] : undefined);
  const refuse = () => {
    throw new Error(`unexpected ${tokens[at] ?? 'end'} in ${expression}`);
  };
  function sum() {
    let value = product();
    for (let sign = accept('+', '-'); sign; sign = accept('+', '-')) {
      value = sign === '+' ? value + product() : value - product();
    }
    return value;
  }
  function product() {
    let value = power();
    for (let sign = accept('*', '/', '×', '÷'); sign; sign = accept('*', '/', '×', '÷')) {
      value = sign === '*' || sign === '×' ? value * power() : value / power();
    }
    return value;
  }
  function power() {
    if (accept('-')) {
      return -power();
    }
    const base = atom();
    return accept('^') ? base ** power() : base;
  }
  function atom() {
    const root = accept('sqrt');
    if (accept('(')) {
      const value = sum();
      if (!accept(')')) {
        refuse();
      }
      return root ? Math.sqrt(value) : value;
    }
    if (root || !/^\d/.test(tokens[at] ?? '')) {
      refuse();
    }
    return Number(tokens[at++]);
  }
  const value = sum();
  if (at < tokens.length) {
    refuse();
  }
  return value;
}
