/**
 * Features that must not compile. Above each wrong line: what is wrong → the part of the message that matters.
 * @module
 */
import { cyclical, features, oneHot, when } from "../../../framework/index.ts";
import { flights, reports, visits, weather } from "./shop.ts";

// @ts-expect-error a column that does not exist → Property 'dealy' does not exist on type 'Row<
features("x", flights, (row) => ({ a: row.dealy.abs() }));
// @ts-expect-error a column of another dataset → Property 'wind' does not exist on type 'Row<
features("x", flights, (row) => ({ a: row.wind }));
// @ts-expect-error a bare text → Type 'StringColumn<"origin", string>' is not assignable to type 'FeatureExpression'
features("x", flights, (row) => ({ a: row.origin }));
// @ts-expect-error a bare time → Type 'TimeColumn<"date">' is not assignable to type 'FeatureExpression'
features("x", flights, (row) => ({ a: row.date }));
// @ts-expect-error a bare constant → Type 'number' is not assignable to type 'FeatureExpression'
features("x", flights, () => ({ a: 1 }));
// @ts-expect-error the last of a text, bare → is not assignable to type 'FeatureExpression'
features("x", flights, (row) => ({ a: row.origin.last({ by: row.destination, over: "1 day" }) }));
// @ts-expect-error a mean of words → Property 'mean' does not exist on type 'StringColumn<"origin", string>'
features("x", flights, (row) => ({ a: row.origin.mean({ by: row.origin, over: "7 days" }) }));
// @ts-expect-error a sum of truths → Property 'sum' does not exist on type 'BooleanColumn<"diverted">'
features("x", flights, (row) => ({ a: row.diverted.sum({ by: row.origin, over: "7 days" }) }));
// @ts-expect-error the hour of a number → Property 'hour' does not exist on type 'NumberColumn<"distance">'
features("x", flights, (row) => ({ a: row.distance.hour() }));
// @ts-expect-error the category of a number → Property 'category' does not exist on type 'NumberColumn<"distance">'
features("x", flights, (row) => ({ a: row.distance.category() }));
// @ts-expect-error the opposite of a number → Property 'not' does not exist on type 'NumberColumn<"distance">'
features("x", flights, (row) => ({ a: row.distance.not() }));
// @ts-expect-error a sum of a number and a truth → Argument of type 'BooleanColumn<"diverted">' is not assignable to parameter of type 'NumberOperand'
features("x", flights, (row) => ({ a: row.distance.add(row.diverted) }));
// @ts-expect-error a number compared with a text → Argument of type 'string' is not assignable to parameter of type 'NumberOperand'
features("x", flights, (row) => ({ a: row.distance.gt("15") }));
// @ts-expect-error a truth and a number → Argument of type 'NumberColumn<"distance">' is not assignable to parameter of type 'BooleanOperand'
features("x", flights, (row) => ({ a: row.diverted.and(row.distance) }));
// @ts-expect-error a value the schema does not have → Argument of type '"DL"' is not assignable to parameter of type
features("x", flights, (row) => ({ a: row.carrier.eq("DL") }));
// @ts-expect-error a text compared with a number → Argument of type 'number' is not assignable to parameter of type
features("x", flights, (row) => ({ a: row.origin.eq(1) }));
// @ts-expect-error a sum of vectors → Property 'add' does not exist on type 'VectorExpression<"taste"
features("x", visits, (row) => ({ a: row.taste.add(row.page) }));
// @ts-expect-error the last vector of a window → Property 'last' does not exist on type 'VectorExpression<"taste"
features("x", visits, (row) => ({ a: row.taste.last({ by: row.user, over: "1 day" }) }));
// @ts-expect-error a vector and a number → Argument of type 'NumberColumn<"score">' is not assignable to parameter of type 'VectorOperand'
features("x", visits, (row) => ({ a: row.taste.dot(row.score) }));
// @ts-expect-error a place of a number → Property 'at' does not exist on type 'NumberColumn<"score">'
features("x", visits, (row) => ({ a: row.score.at(0) }));
// @ts-expect-error an operator of JavaScript → Operator '+' cannot be applied to types 'NumberColumn<"distance">' and 'number'
features("x", flights, (row) => ({ a: row.distance + 1 }));
// @ts-expect-error clipped at one end → Expected 2 arguments, but got 1
features("x", flights, (row) => ({ a: row.distance.clip(1) }));
// @ts-expect-error a window without its unit → Type '"7"' is not assignable to type 'Duration'
features("x", flights, (row) => ({ a: row.delay.mean({ by: row.origin, over: "7" }) }));
// @ts-expect-error a lag without its unit → is not assignable to type 'Duration'
features("x", flights, (row) => ({ a: row.delay.mean({ by: row.origin, over: "7 days", lag: "12" }) }));
// @ts-expect-error a window without its entity → Property 'by' is missing in type '{ over: "7 days"; lag: "1 day"; }'
features("x", flights, (row) => ({ a: row.delay.mean({ over: "7 days", lag: "1 day" }) }));
// @ts-expect-error a window without its length → Property 'over' is missing
features("x", flights, (row) => ({ a: row.delay.mean({ by: row.origin, lag: "1 day" }) }));
// @ts-expect-error a window with an unknown field → 'every' does not exist in type 'Window
features("x", flights, (row) => ({ a: row.delay.mean({ by: row.origin, over: "7 days", every: "1 day" }) }));
// @ts-expect-error an entity by its name → Type 'string' is not assignable to type
features("x", flights, (row) => ({ a: row.delay.mean({ by: "origin", over: "7 days" }) }));
// @ts-expect-error an entity that is a category → is not assignable to type
features("x", flights, (row) => ({ a: row.delay.mean({ by: row.origin.category(), over: "7 days" }) }));
// @ts-expect-error a window of a window → Property 'mean' does not exist on type 'NumberExpression<"origin"
features("x", flights, (row) => ({ a: row.delay.sum({ by: row.origin, over: "1 day" }).mean() }));
// @ts-expect-error the root of a text → Property 'sqrt' does not exist on type 'StringColumn<"origin", string>'
features("x", flights, (row) => ({ a: row.origin.sqrt() }));
// @ts-expect-error the length of a number → Property 'length' does not exist on type 'NumberColumn<"distance">'
features("x", flights, (row) => ({ a: row.distance.length() }));
// @ts-expect-error a number joined to a text → Argument of type 'NumberColumn<"distance">' is not assignable to parameter of type 'StringOperand'
features("x", flights, (row) => ({ a: row.origin.concat(row.distance).category() }));
// @ts-expect-error a text in the place of a number that is null → Argument of type 'string' is not assignable to parameter of type 'NumberOperand'
features("x", flights, (row) => ({ a: row.distance.orElse("none") }));
// @ts-expect-error buckets without bounds → Argument of type '[]' is not assignable to parameter of type 'readonly [number, ...number[]]'
features("x", flights, (row) => ({ a: row.distance.bucket([]) }));
// @ts-expect-error buckets of a time → Property 'bucket' does not exist on type 'TimeColumn<"date">'
features("x", flights, (row) => ({ a: row.date.bucket([1, 2]) }));
// @ts-expect-error a table with a value the schema does not have → 'DL' does not exist in type
features("x", flights, (row) => ({ a: row.carrier.map({ AA: 1, DL: 2 }) }));
// @ts-expect-error a table of numbers and a text → Argument of type 'string' is not assignable to parameter of type 'number'
features("x", flights, (row) => ({ a: row.origin.map({ SEA: 1 }, "none") }));
// @ts-expect-error a text that is made, bare → is not assignable to type 'FeatureExpression'
features("x", flights, (row) => ({ a: row.origin.lower() }));
// @ts-expect-error seconds since a number → Argument of type 'NumberColumn<"distance">' is not assignable to parameter of type 'TimeOperand'
features("x", flights, (row) => ({ a: row.date.secondsSince(row.distance) }));
// @ts-expect-error a choice by a number → Argument of type 'NumberColumn<"distance">' is not assignable to parameter of type 'BooleanOperand'
features("x", flights, (row) => ({ a: when(row.distance, 1, 2) }));
// @ts-expect-error a choice of a number and a text → is not assignable to parameter of type 'NumberOperand'
features("x", flights, (row) => ({ a: when(row.diverted, 1, "none") }));
// @ts-expect-error a choice without the other → Expected 3 arguments, but got 2
features("x", flights, (row) => ({ a: when(row.diverted, 1) }));
// @ts-expect-error a cycle of a text → is not assignable to parameter of type 'Expression<number, string, string>'
features("x", flights, (row) => ({ ...cyclical("o", row.origin, 24) }));
// @ts-expect-error truths of a value the schema does not have → Type '"DL"' is not assignable to type '"AA" | "UA"'
features("x", flights, (row) => ({ ...oneHot("c", row.carrier, ["AA", "DL"]) }));
// @ts-expect-error a deviation of truths → Property 'std' does not exist on type 'BooleanColumn<"diverted">'
features("x", flights, (row) => ({ a: row.diverted.std({ by: row.origin, over: "7 days" }) }));
// @ts-expect-error a rate per no length of time → is not assignable to type 'Duration'
features("x", flights, (row) => ({ a: row.delay.rate({ by: row.origin, over: "7 days", per: "hour" }) }));
// @ts-expect-error a text that is scaled → Property 'scaled' does not exist on type 'StringColumn<"origin", string>'
features("x", flights, (row) => ({ a: row.origin.scaled("standard") }));
// @ts-expect-error a truth that is filled from the training rows → Property 'imputed' does not exist on type 'BooleanColumn<"diverted">'
features("x", flights, (row) => ({ a: row.diverted.imputed("mean") }));
// @ts-expect-error a scale that is not there → Argument of type '"max-abs"' is not assignable to parameter of type 'Scaling'
features("x", flights, (row) => ({ a: row.distance.scaled("max-abs") }));
// @ts-expect-error a number that is filled and does not say how → Expected 1 arguments, but got 0
features("x", flights, (row) => ({ a: row.distance.imputed() }));
// @ts-expect-error a number that is scaled twice → Property 'scaled' does not exist on type 'ScaledNumber<"distance", never>'
features("x", flights, (row) => ({ a: row.distance.scaled("standard").scaled("robust") }));
// @ts-expect-error a number that is filled twice → Property 'imputed' does not exist on type 'Expression<Prepared, "distance", never>'
features("x", flights, (row) => ({ a: row.distance.imputed("mean").scaled("robust").imputed("mean") }));
// @ts-expect-error a sum with a number that is scaled → is not assignable to parameter of type 'NumberOperand'
features("x", flights, (row) => ({ a: row.distance.add(row.distance.scaled("robust")) }));
// @ts-expect-error a sum of a number that is scaled → Property 'add' does not exist on type 'ScaledNumber<"distance", never>'
features("x", flights, (row) => ({ a: row.distance.scaled("robust").add(1) }));
// @ts-expect-error a category that is scaled → Property 'scaled' does not exist on type 'Expression<Category<string>
features("x", flights, (row) => ({ a: row.origin.category().scaled("robust") }));
// @ts-expect-error a policy for unseen texts that is not there → Type '"ignore"' is not assignable to type '"error" | "missing" | "other" | undefined'
features("x", flights, (row) => ({ a: row.origin.category({ unseen: "ignore" }) }));
// @ts-expect-error features of no dataset → Argument of type 'string' is not assignable to parameter of type 'Dataset<
features("x", "flights", () => ({}));
// @ts-expect-error features of features → is not assignable to parameter of type 'Dataset<
features("x", weather, () => ({}));
// @ts-expect-error a feature from a list → is not assignable to type 'FeatureRecord'
features("x", flights, (row) => [row.distance]);

// @ts-expect-error a join without the key of its dataset → Property 'airport' is missing in type '{ place: StringColumn<"origin", string>; }'
weather.by(flights, (row) => ({ place: row.origin }));
// @ts-expect-error a join on a value of another kind → Type 'NumberColumn<"distance">' is not assignable to type 'Expression<string
weather.by(flights, (row) => ({ airport: row.distance }));
// @ts-expect-error a join on a column that the spine lacks → Property 'airport' does not exist on type 'Row<
weather.by(flights, (row) => ({ airport: row.airport }));
// @ts-expect-error a join by time alone of a dataset that has a key → Argument of type '() => {}' is not assignable to parameter of type 'never'
weather.by(() => ({}));
// @ts-expect-error a join to features → is not assignable to parameter of type 'Dataset<
weather.by(weather, () => ({}));
// @ts-expect-error a join on an aggregate up to the event → is not assignable to type 'Expression<string, string, never>'
weather.by(flights, (row) => ({ airport: row.origin.last({ by: row.destination, over: "1 day" }) }));
// @ts-expect-error features of two datasets → Property 'close' does not exist on type 'Row<
features("x", reports, (row) => ({ a: row.wind.add(row.close) }));
