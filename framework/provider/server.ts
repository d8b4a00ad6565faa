/**
 * Pulumi's `ResourceProvider` service over the types of resources: what comes in is turned into plain values, what a type
 * decides is turned into answers.
 * @module
 */
import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { admitDocument } from "../definitions/versioned.ts";
import { compareInputs, type PropertyDifference } from "./difference.ts";
import { CallFailure, toCallFailure } from "./failure.ts";
import type { Provider, ResourceCall } from "./provider.ts";
import type { Drift, InputFailure, Recorded } from "./resource.ts";
import { type Properties, propertiesOf, receiveProperties, sendOutputs } from "./values.ts";

const {
  CheckFailure,
  CheckResponse,
  ConfigureResponse,
  CreateResponse,
  DiffResponse,
  GetSchemaResponse,
  PropertyDiff,
  ReadResponse,
  UpdateResponse,
} = providerProto;
const { Empty } = emptyProto;

/** The version that the provider reports. Sources and provider are one checkout, so it never decides anything. */
const version = "0.1.0";

type StructProto = ReturnType<typeof sendOutputs>;

/** Creates the handlers of the gRPC service. */
export function createHandlers(provider: Provider): UntypedServiceImplementation {
  return {
    getPluginInfo: answer(async () => {
      const info = new pluginProto.PluginInfo();
      info.setVersion(version);
      return info;
    }),

    getSchema: answer(async () => {
      const response = new GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: "steward", version }));
      return response;
    }),

    // The provider has no configuration: stack settings that reach it all the same are none of its business.
    checkConfig: answer(async (request: providerProto.CheckRequest) => {
      const response = new CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),

    diffConfig: answer(async () => {
      const response = new DiffResponse();
      response.setChanges(DiffResponse.DiffChanges.DIFF_NONE);
      return response;
    }),

    configure: answer(async () => {
      const response = new ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setAcceptresources(false);
      response.setAcceptoutputs(false);
      return response;
    }),

    check: answer(async (request: providerProto.CheckRequest) => {
      const news = receiveProperties(request.getNews());
      provider.guard.noteProgram();
      return attempt(provider.begin({ urn: request.getUrn(), secrets: news.secrets }), async ({ type, context }) => {
        const response = new CheckResponse();
        // As they came: secrets stay marked.
        response.setInputs(request.getNews());
        response.setFailuresList(type.check(news.properties, context).map(describeInputFailure));
        return response;
      });
    }),

    diff: answer(async (request: providerProto.DiffRequest) => {
      const news = receiveProperties(request.getNews());
      const recorded = receiveRecorded(request.getUrn(), request.getOldInputs(), request.getOlds());
      const secrets = [...news.secrets, ...recorded.secrets];
      return attempt(provider.begin({ urn: request.getUrn(), secrets }), async ({ type, context }) => {
        const drifts = await type.drift(provider.relocate(request.getUrn(), recorded), context);
        for (const { reason } of drifts) context.reporter.info(reason);
        const differences = [...compareInputs(recorded.inputs, news.properties), ...drifts.map(describeDrift)];
        return describeDifferences(differences, type.replaceOn);
      });
    }),

    create: answer(async (request: providerProto.CreateRequest) => {
      const { properties, secrets } = receiveProperties(request.getProperties());
      const preview = request.getPreview();
      return attempt(
        provider.begin({ urn: request.getUrn(), secrets, ...(preview ? {} : { identifyBy: properties }) }),
        async (call) => {
          const response = new CreateResponse();
          response.setId(call.id);
          response.setProperties(await makeIt(call, { properties, preview }));
          return response;
        },
      );
    }),

    update: answer(async (request: providerProto.UpdateRequest) => {
      // Nothing of it is used, but it must not be written over unread.
      receiveRecorded(request.getUrn(), request.getOldInputs(), request.getOlds());
      const { properties, secrets } = receiveProperties(request.getNews());
      return attempt(provider.begin({ urn: request.getUrn(), secrets, id: request.getId() }), async (call) => {
        const response = new UpdateResponse();
        response.setProperties(await makeIt(call, { properties, preview: request.getPreview() }));
        return response;
      });
    }),

    read: answer(async (request: providerProto.ReadRequest) => {
      const recorded = receiveRecorded(request.getUrn(), request.getInputs(), request.getProperties());
      return attempt(
        provider.begin({ urn: request.getUrn(), secrets: recorded.secrets, id: request.getId() }),
        async (call) => {
          const outputs = await call.type.read(provider.relocate(request.getUrn(), recorded), call.context);
          const response = new ReadResponse();
          if (!outputs) return response;
          response.setId(call.id);
          response.setInputs(request.getInputs());
          response.setProperties(sendOutputs(outputs, call.secrets));
          return response;
        },
      );
    }),

    delete: answer(async (request: providerProto.DeleteRequest) => {
      const recorded = receiveRecorded(request.getUrn(), request.getOldInputs(), request.getProperties());
      return attempt(
        provider.begin({ urn: request.getUrn(), secrets: recorded.secrets, id: request.getId() }),
        async ({ type, context }) => {
          const relocated = provider.relocate(request.getUrn(), recorded);
          await provider.guard.admit(() => provider.listEntities(relocated.inputs));
          await type.remove(relocated, context);
          return new Empty();
        },
      );
    }),

    cancel: answer(async () => {
      provider.cancel();
      return new Empty();
    }),
  };
}

/** Does a call's work; what it throws leaves as the call's failure. */
async function attempt<Response>(
  call: ResourceCall,
  work: (call: ResourceCall) => Promise<Response>,
): Promise<Response> {
  try {
    return await work(call);
  } catch (error) {
    throw toCallFailure(error, call);
  }
}

async function makeIt(
  { type, context, name, secrets }: ResourceCall,
  asked: { readonly properties: Properties; readonly preview: boolean },
): Promise<StructProto> {
  if (!asked.preview) return sendOutputs(await type.apply(asked.properties, context), secrets);
  const planned = await type.plan(asked.properties, context);
  const { status } = planned;
  // With its name: a preview with --diff prints such lines apart from their resources.
  if (typeof status === "string") context.reporter.progress(`${name}: ${status}`);
  return sendOutputs(planned, secrets);
}

/** Receives what the state has of a resource. @throws StewardError `format-newer` for what a newer Steward has put there */
function receiveRecorded(
  urn: string,
  inputsStruct: StructProto | undefined,
  outputsStruct: StructProto | undefined,
): Recorded & { readonly secrets: readonly string[] } {
  const [before, after] = [receiveProperties(inputsStruct), receiveProperties(outputsStruct)];
  const at = urn.split("::").slice(2).join("::");
  const { format, ...outputs } = after.properties;
  admitDocument({ format }, { at, name: "resource" });
  admitDocument(propertiesOf(before.properties["spec"]), { at: `${at}.spec` });
  return { inputs: before.properties, outputs, secrets: [...before.secrets, ...after.secrets] };
}

function describeInputFailure({ property, reason }: InputFailure): providerProto.CheckFailure {
  const failure = new CheckFailure();
  failure.setProperty(property);
  failure.setReason(reason);
  return failure;
}

/** A drift shows in the outputs: there the state is not what reality is. */
function describeDrift({ output }: Drift): PropertyDifference {
  return { path: output, kind: "update", of: "outputs" };
}

/** The engine's form of differences, each under its property path. */
function describeDifferences(
  differences: readonly PropertyDifference[],
  replaceOn: readonly string[],
): providerProto.DiffResponse {
  const response = new DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  response.setChanges(differences.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(true);
  for (const { path, kind, of } of differences) {
    const replaces = of === "inputs" && replaceOn.includes(path);
    const detail = new PropertyDiff();
    detail.setKind(kindOf(kind, replaces));
    detail.setInputdiff(of === "inputs");
    response.getDetaileddiffMap().set(path, detail);
    // The short forms take the names of whole properties.
    const [property = path] = path.split(/[.[]/, 1);
    response.addDiffs(property);
    if (replaces) response.addReplaces(property);
  }
  return response;
}

function kindOf(kind: PropertyDifference["kind"], replaces: boolean): providerProto.PropertyDiff.Kind {
  const { Kind } = PropertyDiff;
  switch (kind) {
    case "add":
      return replaces ? Kind.ADD_REPLACE : Kind.ADD;
    case "delete":
      return replaces ? Kind.DELETE_REPLACE : Kind.DELETE;
    case "update":
      return replaces ? Kind.UPDATE_REPLACE : Kind.UPDATE;
  }
}

/** A handler that answers with what a promise gives, or with its failure. */
function answer<Request, Response>(
  handle: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(error instanceof CallFailure ? error : toCallFailure(error)),
    );
  };
}
