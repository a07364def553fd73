/** Short names for the JSON of our own API; the types are made from its OpenAPI document (`npm run types`). */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type GatewayId = Schemas["GatewayName"];
/** One text in both languages of the shop. */
export type LocalizedText = Schemas["LocalizedText"];
export type MidtransConfig = Schemas["MidtransConfig"];
export type XenditConfig = Schemas["XenditConfig"];
export type GatewayConfig = MidtransConfig | XenditConfig;
export type ShopConfig = Schemas["ShopConfig"];
export type Product = Schemas["ProductOut"];
export type ProductList = Schemas["ProductList"];
export type OrderedItem = Schemas["CartItem"];
export type Customer = Schemas["CustomerIn"];
/** The API has defaults for gateway and language; the shop always says which it means. */
export type CreateTransactionRequest = Required<Schemas["CreateTransaction"]> & { gateway: GatewayId };
/** What opens a payment page, whichever gateway it is of: a Snap token, or an address to go to. */
export type PaymentDoor = Partial<Schemas["MidtransDoor"]> & Partial<Schemas["XenditDoor"]>;
export type CreatedTransaction = Schemas["CreatedTransaction"];
export type OrderStatus = Schemas["PaymentStatus"];
/** What the shopper types at the bank, the counter or into a wallet. */
export type PaymentInstructions = Schemas["PaymentInstructions"];
export type OrderPayment = Schemas["OrderPayment"];
/** One refund, as far as it concerns the shopper. */
export type Refund = Schemas["RefundOut"];
export type Order = Schemas["OrderOut"];
/** Every code of an error that our API names. */
export type ApiProblemCode = Schemas["ProblemBody"]["code"];
