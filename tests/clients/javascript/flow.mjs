// What the AWS SDK for JavaScript meets in the world its endpoint names; prints what it was told.
//
// Endpoints, credentials and region come as the SDK takes them from the environment anyway; the
// control API of the same world is at DATASET_EMULATOR_CONTROL_URL.

import * as lookout from "@aws-sdk/client-lookoutvision";
import * as personalize from "@aws-sdk/client-personalize";

const AVRO = {
  type: "record",
  name: "Users",
  namespace: "com.amazonaws.personalize.schema",
  fields: [
    { name: "USER_ID", type: "string" },
    { name: "AGE", type: "int" },
  ],
  version: "1.0",
};

const recommender = new personalize.PersonalizeClient({});
const vision = new lookout.LookoutVisionClient({});
const told = [];

async function ask(client, command) {
  const name = command.constructor.name;
  try {
    const { $metadata: about, ...members } = await client.send(command);
    told.push({ name, status: about.httpStatusCode, attempts: about.attempts, members });
  } catch (error) {
    const { $metadata: about, message } = error;
    const status = about?.httpStatusCode;
    told.push({ name, status, attempts: about?.attempts, error: error.name, message });
  }
}

async function order(match, effect) {
  await fetch(`${process.env.DATASET_EMULATOR_CONTROL_URL}/faults`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ match, effect, times: 2 }),
  });
}

const schema = { name: "users", schema: JSON.stringify(AVRO) };
await ask(recommender, new personalize.CreateSchemaCommand(schema));
await ask(recommender, new personalize.CreateSchemaCommand(schema));
await ask(recommender, new personalize.CreateSchemaCommand({ name: "-", schema: "" }));
await ask(recommender, new personalize.ListSchemasCommand({}));
const group = "arn:aws:personalize:us-east-1:123456789012:dataset-group/g";
await ask(recommender, new personalize.CreateSolutionCommand({ name: "s", datasetGroupArn: group }));

const project = { ProjectName: "p", ClientToken: "token-1" };
await ask(vision, new lookout.CreateProjectCommand(project));
await ask(vision, new lookout.CreateProjectCommand({ ProjectName: "p", ClientToken: "token-2" }));
const dataset = { ProjectName: "p", DatasetType: "train" };
await ask(vision, new lookout.CreateDatasetCommand({ ...dataset, ClientToken: "token-3" }));
await ask(vision, new lookout.DescribeDatasetCommand(dataset));

// throttled twice, the SDK gets through with its third attempt
await order({ provider: "personalize" }, { error: "ThrottlingException" });
await ask(recommender, new personalize.ListDatasetGroupsCommand({}));
await order({ provider: "lookoutvision" }, { error: "ThrottlingException", retry_after: 1 });
await ask(vision, new lookout.ListProjectsCommand({}));

console.log(JSON.stringify(told, null, 1));
