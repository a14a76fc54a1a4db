// A call to the simulator's control interface.

export async function request(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const text = await response.text();
  if (!response.ok) {
    throw new Error(readable(text) || `The simulator answered ${response.status}.`);
  }
  return text ? JSON.parse(text) : null;
}

function readable(text) {
  try {
    const { description, error } = JSON.parse(text);
    return description || error?.error_data?.details || error?.message;
  } catch {
    return text;
  }
}
