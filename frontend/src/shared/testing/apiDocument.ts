import document from "@api-document";
import ajvFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020";

/** One answer that an operation may give, as the OpenAPI document describes it. */
interface DocumentedAnswer {
  content: Record<string, { schema: unknown; examples: Record<string, { value: unknown }> }>;
}

interface DocumentedOperation {
  operationId: string;
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, DocumentedAnswer>;
}

/** One operation of the API, with where it stands in the document. */
export interface Operation extends DocumentedOperation {
  pointer: string;
}

const JSON_TYPE = "application/json";
const paths = document.paths as Record<string, Record<string, DocumentedOperation>>;
// The document holds words of OpenAPI besides those of JSON Schema.
const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
ajvFormats(ajv);
ajv.addSchema(document, "api");

/** The operation that a request reaches, or null if the API has none such. */
export function findOperation(method: string, address: string): Operation | null {
  const path = address.split("?", 1)[0] ?? "";
  // An address without parameters wins over one with them.
  const template = [path, ...Object.keys(paths)].find((one) => one in paths && fits(one, path));
  const operation = template === undefined ? undefined : paths[template]?.[method.toLowerCase()];
  if (template === undefined || !operation) return null;
  return { ...operation, pointer: pointer("paths", template, method.toLowerCase()) };
}

/** What is wrong with a request's body; empty if it is as documented. */
export function faultsOfRequest(operation: Operation, body: unknown): string[] {
  if (!operation.requestBody) return body === null ? [] : [`${operation.operationId} takes no body`];
  return faults(`${operation.pointer}/requestBody/content/${escape(JSON_TYPE)}/schema`, body);
}

/** What is wrong with an answer; empty if it is as documented, or none of ours (a proxy's page). */
export async function faultsOfAnswer(operation: Operation, answer: Response): Promise<string[]> {
  const type = answer.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) return [];
  const named = operation.responses[answer.status]?.content[type];
  if (!named) return [`${operation.operationId} never answers ${answer.status} as ${type}`];
  const at = `${operation.pointer}/responses/${answer.status}/content/${escape(type)}/schema`;
  return faults(at, await answer.clone().json());
}

/** The document's own answer by the name of its example; without a name, its first good one. */
export function documentedAnswer(operation: Operation, example?: string): Response {
  for (const [status, { content }] of Object.entries(operation.responses)) {
    for (const [type, { examples }] of Object.entries(content)) {
      const name = example ?? Object.keys(examples)[0] ?? "";
      const found = examples[name];
      const headers = { "Content-Type": type };
      if (found) return new Response(JSON.stringify(found.value), { status: Number(status), headers });
    }
  }
  throw new Error(`The document has no example ${example ?? ""} for ${operation.operationId}`);
}

function faults(at: string, value: unknown): string[] {
  const validate = ajv.getSchema(`api#${at}`);
  if (!validate) throw new Error(`The document has no schema at ${at}`);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${at}: ${instancePath} ${message ?? ""}`);
}

function fits(template: string, path: string): boolean {
  const [wanted, given] = [template.split("/"), path.split("/")];
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith("{") || part === given[at]);
}

function pointer(...parts: string[]): string {
  return parts.map((part) => `/${escape(part)}`).join("");
}

function escape(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}
