// What only the Snap page says, beside the sentences that both pages share.
import { WORDS } from './words.js';

const OWN = {
  id: {
    groups: { card: 'Kartu', wallet: 'Dompet digital & QRIS', bank: 'Transfer bank', store: 'Gerai ritel', later: 'Bayar nanti', debit: 'Debit langsung' },
    billerCode: 'Kode perusahaan', billKey: 'Nomor pembayaran', openApp: 'Buka aplikasi', openPage: 'Lanjutkan ke halaman penyedia',
    billSteps: ['Buka Livin’ by Mandiri atau ATM Mandiri.', 'Pilih Bayar, lalu Multipayment.', 'Masukkan kode perusahaan dan nomor pembayaran di atas.', 'Periksa jumlahnya, lalu konfirmasi.'],
    redirectSteps: ['Lanjutkan ke halaman penyedia.', 'Masuk dan setujui pembayaran.', 'Anda akan kembali ke toko.'],
    pushSteps: ['Buka aplikasi OVO di ponsel Anda.', 'Setujui permintaan pembayaran dalam 55 detik.'],
    pushHint: 'Konfirmasi di aplikasi OVO', redirectHint: 'Lanjut di halaman penyedia', billHint: 'Livin’ by Mandiri, ATM Mandiri',
    pushText: 'Permintaan pembayaran dikirim ke', payAtProvider: 'Simulasikan persetujuan penyedia', failAtProvider: 'Simulasikan penolakan penyedia',
    phoneUnknown: 'Nomor ini tidak terdaftar di OVO.', cardBin: 'Kartu dari bank ini tidak diterima untuk pesanan ini. Gunakan kartu lain.',
  },
  en: {
    groups: { card: 'Cards', wallet: 'Wallets & QRIS', bank: 'Bank transfer', store: 'Stores', later: 'Pay later', debit: 'Direct debit' },
    billerCode: 'Company code', billKey: 'Payment number', openApp: 'Open the app', openPage: 'Continue at the provider',
    billSteps: ['Open Livin’ by Mandiri or go to a Mandiri ATM.', 'Choose Pay, then Multipayment.', 'Enter the company code and the payment number above.', 'Check the amount and confirm.'],
    redirectSteps: ['Continue at the provider’s page.', 'Sign in and approve the payment.', 'You are taken back to the shop.'],
    pushSteps: ['Open the OVO app on your phone.', 'Approve the request within 55 seconds.'],
    pushHint: 'Confirm in the OVO app', redirectHint: 'Go on at the provider’s page', billHint: 'Livin’ by Mandiri, Mandiri ATM',
    pushText: 'The payment request was sent to', payAtProvider: 'Simulate the provider’s approval', failAtProvider: 'Simulate the provider’s refusal',
    phoneUnknown: 'This number is not registered with OVO.', cardBin: 'Cards of this bank are not accepted for this order. Use another card.',
  },
};

/** Every sentence of the Snap page, by language. */
export const SNAP_WORDS = { id: { ...WORDS.id, ...OWN.id }, en: { ...WORDS.en, ...OWN.en } };

const PAY_LATER = ['akulaku', 'kredivo'];
const GROUP_OF = { card: 'card', wallet: 'wallet', push: 'wallet', qr: 'wallet', va: 'bank', bill: 'bank', code: 'store' };

/** Name the group under which a method is listed. */
export function groupOf(method) {
  return GROUP_OF[method.kind] ?? (PAY_LATER.includes(method.key) ? 'later' : 'debit');
}
