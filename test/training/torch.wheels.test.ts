/**
 * PyTorch alone brings gigabytes of CUDA, which a machine without a GPU needs as well: `npm run e2e -- torch`.
 */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { usePythonPackages } from "../support/python-packages.ts";
import { runProgram, sayRight } from "./converted-model.ts";

const given = usePythonPackages("PyTorch", join(import.meta.dirname, "torch.lock"));

it.each([
  ["binary", "torch.sigmoid(self.layers(torch.nan_to_num(rows)))"],
  ["regression", "self.layers(torch.nan_to_num(rows))[:, 0]"],
] as const)("job.save converts a module of PyTorch, %s, to the module's own answers", async (task, forward) => {
  if (given.python === undefined) throw new Error(given.missing);
  const program = `
import torch
job = make_job(folder, "${task}")
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(3, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1))
    def forward(self, rows): return ${forward}
torch.manual_seed(job.seed)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
X, y = (torch.tensor(each.to_numpy(), dtype=torch.float32) for each in job.train())
for _ in range(30):
    loss = torch.nn.functional.mse_loss(net(X).reshape(-1), y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
job.save(net)
assert net.training
net.eval()
with torch.no_grad(): check(job, net(torch.tensor(job.validation()[0].to_numpy())).numpy())`;
  const folder = await mkdtemp(join(given.folder, "job-"));
  expect(JSON.parse(await runProgram(given.python, folder, program))).toEqual(sayRight(task));
});
