/**
 * Will it rain in Seattle tomorrow? Four years of the city's weather, a day a row, in data/seattle-weather.csv.
 * Make it yours: put your rows beside it, describe their columns, say what is predicted. README.md says how.
 */
import { accuracy, auc, csv, dataset, endpoint, features, logLoss, model, project, python, trainingJob } from "steward";
import { z } from "zod";

// One schema: the contract of the rows, the types of everything below. "known" says when a value is there to be used.
const Day = z.object({
  date: z.date(),
  precipitation: z.number().min(0).meta({ unit: "mm", known: "1 day" }),
  temp_max: z.number().min(-50).max(60).meta({ unit: "°C", known: "1 day" }),
  temp_min: z.number().min(-50).max(60).meta({ unit: "°C", known: "1 day" }),
  wind: z.number().min(0).meta({ unit: "m/s", known: "1 day" }),
  weather: z.enum(["drizzle", "fog", "rain", "snow", "sun"]).meta({ known: "1 day" }),
});

export const weather = dataset("weather", {
  owner: "weather-data",
  license: "LicenseRef-US-government-work",
  schema: Day,
  eventTime: "date",
  source: csv("data/seattle-weather.csv"),
  contract: { violations: "quarantine", tolerance: 0.01 },
});

// What is known in the morning: the days before. A window that reads today is a compile error, for today is what is asked.
export const lately = features("lately", weather, (day) => {
  const yesterday = { by: [], over: "1 day", lag: "1 day" } as const;
  const lastWeek = { by: [], over: "7 days", lag: "1 day" } as const;
  const range = day.temp_max.last(yesterday).subtract(day.temp_min.last(yesterday));
  return {
    dayOfYear: day.date.dayOfYear(),
    rainYesterday: day.precipitation.last(yesterday),
    rainLastWeek: day.precipitation.mean(lastWeek),
    temperatureRange: range,
    wind: day.wind.last(yesterday),
    sky: day.weather.last(yesterday).category(),
  };
});

export const rainTraining = trainingJob("rain-training", {
  features: [lately],
  label: (day) => day.precipitation.gt(0),
  split: { validation: "90 days", test: "365 days" },
  trainer: python("train.py", { lock: "requirements.lock" }),
  params: z.object({ strength: z.number().default(1) }),
  resources: { cpu: 1, memory: "2 GiB" },
});

export const rain = model("rain", {
  owner: "weather-ml",
  risk: "low",
  training: rainTraining,
  metrics: [auc, logLoss, accuracy],
  baseline: "rainYesterday",
  gates: [auc.atLeast(0.65), auc.betterThan("baseline", { by: 0 }), auc.noWorseThan("production", { by: 0.01 })],
  approval: { from: ["forecasters"] },
});

export const rainTomorrow = endpoint("rain-tomorrow", { model: rain, log: { requests: "all", durability: "disk" } });

export default project("{{name}}", {
  definitions: [weather, lately, rainTraining, rain, rainTomorrow],
  environments: { local: { approval: "waived" } },
});
