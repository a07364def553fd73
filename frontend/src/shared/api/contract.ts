/** The JSON that our own API speaks, field names as on the wire. */

export type GatewayId = "midtrans" | "xendit";

/** One text in both languages of the shop. */
export interface LocalizedText {
  id: string;
  en: string;
}

export interface MidtransConfig {
  id: "midtrans";
  client_key: string;
  snap_js_url: string;
}

export interface XenditConfig {
  id: "xendit";
}

export type GatewayConfig = MidtransConfig | XenditConfig;

export interface ShopConfig {
  shop_name: string;
  gateways: GatewayConfig[];
  demo: boolean;
}

export interface Product {
  sku: string;
  name: LocalizedText;
  description: LocalizedText;
  /** Whole rupiah. */
  price_idr: number;
  /** Pieces that can still be ordered. */
  available: number;
  image_url: string;
}

export interface OrderedItem {
  sku: string;
  quantity: number;
}

export interface Customer {
  name: string;
  email: string;
  phone: string;
}

export interface CreateTransactionRequest {
  gateway: GatewayId;
  items: OrderedItem[];
  customer: Customer;
  locale: "id" | "en";
}

/** What opens a payment page: a Snap token, or an address to go to. */
export interface PaymentDoor {
  transaction_token?: string | null;
  redirect_url?: string | null;
  invoice_url?: string | null;
  client_key?: string | null;
}

export interface CreatedTransaction extends PaymentDoor {
  order_id: string;
  order_number: string;
  gateway: GatewayId;
  /** ISO 8601 with offset. */
  expires_at: string;
}

export type OrderStatus =
  | "pending"
  | "in_review"
  | "paid"
  | "partially_refunded"
  | "refunded"
  | "failed"
  | "expired"
  | "cancelled"
  | "charged_back";

export interface OrderItem {
  sku: string;
  name: LocalizedText;
  quantity: number;
  unit_price_idr: number;
  line_total_idr: number;
  image_url: string;
}

/** What the shopper types at the bank, the counter or into a wallet. */
export interface PaymentInstructions {
  kind: "va" | "payment_code" | "bill" | "qr";
  label: string;
  number: string;
}

export interface OrderPayment {
  gateway: GatewayId;
  method: string | null;
  method_label: string | null;
  instructions: PaymentInstructions | null;
  last_outcome: "denied" | null;
  continue: PaymentDoor | null;
  can_retry: boolean;
}

export interface Order {
  order_id: string;
  order_number: string;
  status: OrderStatus;
  reason: { code: string } & LocalizedText;
  total_idr: number;
  created_at: string;
  expires_at: string;
  paid_at: string | null;
  items: OrderItem[];
  customer_name: string;
  payment: OrderPayment;
  /** True while a message that we have not yet confirmed with the gateway is being checked. */
  confirming: boolean;
  refunded_idr: number;
  refund_pending_idr: number;
  /** True once no further change is expected, so that polling may end. */
  final: boolean;
}
