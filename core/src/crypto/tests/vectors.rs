//! Keys and signatures in base64url. Unless an RFC is named, they were made with OpenSSL 3, and what is signed is
//! `authwright`.

/// The RSA key of RFC 7515 appendix A.2.1: n, e, d, p, q, dp, dq, qi.
pub(super) const RSA_A2: [&str; 8] = [
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR\
     T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB\
     dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia\
     GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "AQAB",
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46su\
     i395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4\
     qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB\
     4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8\
     cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
    "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t\
     62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
    "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCj\
     n12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
    "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnw\
     gjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
    "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93\
     IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U",
];
pub(super) const RS384: &str = "\
    QTEbMVSNs2BUWNYpyLPnDqW8rWOi34qzIHR75Z-Su3Fe4jUE2edhmk_uxU-NUb_k6emqq60aUAC69zANl-qAPQLera7_kTbadhpe\
    gTO8gPrQEPBuLG1LW2h6-KbO6M1PJqJGMQZTbAr779YX9kXsB6rtG3GO-Q82FyhXRmjRxrw5vG833pyzVh2RNA3_IcnnFhfJNRVj\
    ctYzqEO6NOQjOch-wu4VUelb5bEjubeU7pN7psJDYeusYleGqQUVn-HIEj8ViuDCDKKsFlhEQiyYP-CNC8n1duzdrIXiw5HD5KMM\
    NnE2wPLB2RQh0R2G7aF_yBEmi_tN0xn57mP2JMXsQQ";
pub(super) const RS512: &str = "\
    BVjkCX7dslW8IvlayzaQYY_9jfsueruh6zu7yYrERAVSIlp2vhsVks5PjeQYWcAun83JgRfDrvOduv-NK5B3x9-yQkaiZN4d1FfY\
    yIk1Q-aVuJnTXJdGVdQdQ5H9q4fElsraIkHQ4U0CSKSGWKlvTKp1f18DbINA7s6U0hL4eFruqC_c6Y-j_gFL-w9PAKeYa_zRu4H-\
    qVfiq0Un9idOvfl3ZPUS2LRzaQzOo0CWKZZbnjwfgsil9Z1gnQDgHLDcVXT8axBbCz0YL31JXqWnIQlTBZ6SKtAxURDHlLMhYGJh\
    ALEXo9HJt2CHxZKzw8axhVNPSeckQnWgojmGjAfTfQ";
pub(super) const PS256: &str = "\
    lCl6-ro9fhI5nKRxCNUk1xZ11e9qx_URM9gglCN75uoE6oKFcrUC-drRwesq34DGsptS43RZ1V2nUgnTCtDkKr_jh0iwtw6vk6je\
    idrjVcvx4VRxEV3LBsDUAkxBWvtP3uCJst1tFAbUfFinFkKSBHoTwun06d9AEaYWg3URaspx3VlfJm9hB7BvkAzAt25WUmrOJHi7\
    zgUWcMO2pLIFVSyk7bQz9GYaiyTM0Hos-drhrjFe_6djlWocolCQaAFhbjPveKIC88m7D061pTDV3QTIaJt6jvPoA6oASoZ3Xcvy\
    JexNavTizRRPOEi5BZcsIUqQRfAGP7SHK73IcKiIcw";
pub(super) const PS384: &str = "\
    czz74nsFg-R7QCxCmD6lcA_MCNvUIFFjYrcKbjbJmWQz65d_S428Iap4_MR6BOY3zSajVqJ_Nj3tZOiQ_10cfDZZoxaUegFMdwOI\
    x36wVx3BaQGNYw0Nxaz7ggd7C0_qetxOq5jJaKvU5MAeaiuYjBbB8G0sr3ppovQonLyJnQeA4dp0gwLvbyMq0hK7Byv0g0KczHQ9\
    lio_pWhkbWNx9CUXMLnRZ7nJt9vRjqcmWHz6ENfb5MPqCcxy_7jdR8jroqBk9B4M9j9H_zsYDyMNA-adq0HYoBGVOKlNAO8sFxuj\
    k82dfK5IJpE9Y9LgxeajulPviWh6nEQGoITxTNUHtA";
pub(super) const PS512: &str = "\
    gHfN8ifRBAH6BIUgnvNR_aeE9DG0K6aoOOYwHOAG0QPPOoNyNkGWly4B-3jtolkVJiiv_0KVCPQ9Sapr3BUpuSZomxVWNTvgSgbx\
    X-YOEhQDAt6ZBt7W-Ht271_gf1JrWLuFN9GL5AI3t2H9uSyG1AIEjsS7lfstjCbCeWvKIWffr99eQRCx-7bjG5KczgIUkCcFeDt0\
    GYlg1qhheZjfsmu_uDxkuazUGjBf1ywyZ_CGZjQ8A1hhYwNjgv_P4ZJEQ4cKwdREEBUlY1KqzdkHRetGqp36hNt_hcD56K-K1lah\
    2YsExdt5TRIT7-MOnGRGthnyi3s3L_L6Y6AVBXXa-g";
pub(super) const PS256_NO_SALT: &str = "\
    XGvTjCFQYxoDi0UpEnXs256El5PYt8aK_c26ahPY0kIsEeH3rKYuU-wsR7C1UTBT8DCGdu7twnyRHENjUeJRdHegBxUVBw5E4k0M\
    b179Mt6ah0OQ7MlcJVxSQ2PEV9lcyAjUWInTQGZKFxOF6_WlzbAECjz2Xrva2U5HC71BMFzuKgDGrbpUsJsMXV5sAr-sHFfKE7Sm\
    nyvjggoZnkv1WEZSodzg3-xLcqdBh7T0kRSkscPzr6bA-MrLRuS_Ze3Q2Aon7jhDGRnNoi71e-qcu54p9ZkpZvyU_xyc2P7arbyK\
    S5bFLmeORORA8J27jMHryX-_xus46k2Vgy3jz7AFhA";
pub(super) const PS256_LONG_SALT: &str = "\
    YQs1nKnlKrd_EquflEuu932etROo-kCb4tZ7Cc3HigjOhhHX8zO7gB0U2WwU7YQWWDfyh_5zCfEiO9VzWbgsCPfLIo605WT5lSmP\
    OfWH7VD0zyjyizTjXIMNanlpI2afpoX_hSFGypCaSOggSWDPOFauH2oK3OG0NpX92n9qJy587t3MkL7AF5zKWBQg21sEg1ZRtQX1\
    1nMWnZoVImKwz1wZiJjxG-qA2OTro-A3Z5W346WY-LkNRE8DlBltG2RgRkzYOVu_gH-tXiSatIhunF3CQiquWPOZDmips-TVsEE-\
    1KRbdMJiblo6VgNeU3g3xobIiMqG2ht7XN0LYIIbmA";
pub(super) const PS256_MGF1_SHA1: &str = "\
    ZaHFhzGl2-tiKhQDcNI6XEG8BaDPXC3_hgrXNNF7j8crtlDicNzOfO0U5OwDLa7y5G0kbnRjNiaaUyoeSEEk1Epe6EDcG4-X1Mqh\
    PYCNV5urXqWZXg4Zq-8QkAa2dRww5w_u6ikJFe-XEFa0mgMUH8c0cXVkB7yG9b-J7Q3QNzi5PBhbXtu7D75gsCOlBUxTD_KsMSeE\
    1BaZduQHZusklW2s4lYjo71qcOuVfH8nBt76a_CYQI-180pWiPDUlKOeFMI6Gms9O_sS2D2tDSLD-oxa8MBtuM18W4C60ttktlNn\
    TvunSRdB3rWkfity9WFL8DaOfrCBQ-WjMS3-074Odw";
/// A key on P384, x, y, d, and its signature of the message.
pub(super) const P384: [&str; 4] = [
    "C_RIllw_jycTJj7laLHWiyfie44vHBeVzN1R9nmHosLOTx4bKz2Fn_FrR8iKZgjZ",
    "0qMi_12ViDyRkaKe97Azvp8I0EiUoZu44NePA1lnAUoi375mj-zb2JZCS31Rl9Q7",
    "691R_BLIvUbbG9vDwmVwBU-euHZa83Omfpz6w7ql-l0As6rPZKvHtsxzvmYu8z0F",
    "_mH2DjX9M6TeY4P1BbmUL4QJM1n-Lf8IvzFVuG_IKSSZLvz6tJcpth33DZ9soZPDCw3kqtvfuQ0napzu58lZXIBfSd6LIA-vM5Ze\
     62FakB1spocBzMacHaBh1oHKJuqM",
];
/// A key on P521, x, y, d, and its signature of the message.
pub(super) const P521: [&str; 4] = [
    "AEFeph3d7YI87FKlnfe5zSXuImOTAq_hETiR2tm4Q8-XBd9M_r08rkcR_Kj3ARH1VYqOx72anYm4VmVqy-naeNjL",
    "AQFlcgEYTwnN4wppMCAQAeJzqFslFgYyI9oa2-GPslwD6oFYsOvv_syPHB6_0QvkVLlZsxemvEFWoSH_RgG39Mvu",
    "ATswCyfhPW_ODRZUUWwkqOB6MBDzUgWLp-b_phLjhGX24wgQEeG5951_fuAGMkkA1Hl43fo21mZvpShefkG43taF",
    "AAfZjz0h9TRNhUkXLYBqWk6axz1Q7UNaNPGWo1K5rQWAaqSYSeedEca0Gi14oR2s_zO4A7ymBSxoe_n1MhJU6xkrACVGFjzpedUW\
     3hRJOSpx5UtVI_A9xiQYfafeuaGODNAVGV-pZJmD52iqfkPQtekAqyhPGMjEu4WxSvWtMsUbFrSz",
];
/// A key on SECP256K1, x, y, d, and its signature of the message.
pub(super) const SECP256K1: [&str; 4] = [
    "zsOCnxy6EFa1pv0cN2XgjUeiMMxjwIdvG-2mQnmDspw",
    "Z-I7eyvd_ci2h7zFKCqEDcP7rgbFNWlRP7NFj6lmaSs",
    "WwLXbmu4lmi7m6vsn0WD3t9N9J0hiWhxfBNCzhX3QJw",
    "3pTwQd7UUdoAFwnbPHTVZJKEXzy266-RMonBa5LMgFQAyyx5NJYhIrOlu7RR6kqZfWCrl6xJ-L3Vp_uDfUcWHw",
];
/// An RSA key of 1024 bits: n, e, d, p, q, dp, dq, qi.
pub(super) const RSA_1024: [&str; 8] = [
    "u7bqP0W9ke_F-B88-GrxD1F5q7-9YRUxr-VOY_823g2CqMvIokadtT2b6WFBan4coBENeboseAYlX-jrXjGCLBi62dUAjT5EUb9P\
     1Hqav7h2eMVGwhT6JBzbzRbWvLx2BLfl317vHBiugJdPtylV-XzmPjlp8xOZwzGPD7TFz0k",
    "AQAB",
    "n5CMLL6-tzgHo7QCIvTc9vV-JLW3aLgYZXnZmf0PCdCYOZ4IbZDzbGXzi34Fml2bPaFhQBE2zcwDpzSaJpaVHCqE5Okpy-Qoo1hd\
     QXbT2Bu6n_Ho105mrXfcBjqCVzkrFRxKlxkpIQbhuZz5RAKtgssWaBdFoQFW3rRHALdeV_U",
    "8Rt5tBdab1lO_ryJSpl3NNSOLWoHqBIo4Zxz5vVXX74-3bmgHctv3L4AeIxm-RD8bSf_viRhTFnKpcIkzcavQw",
    "x08plP1gT6vn2e8huBWeJ4CccDgwCV8z4BVerjnPlu4IcO2JqIFR2CmlO7bEo3Up30e1EJ7cDpjioo7J_4tggw",
    "1i1rAjCQlENIaf8_EjabbyG2Ht-GZ6WiDTA2wR6F_DX6kGn5sx3pg7SApJVMT8noAms6wkR87h8BZhe9K9JoEw",
    "MAazTmN_wbL6u1kUFveelIY5LBFeAeQe6_A6UGE91HCnOA8FDMWcoynl1u3DlF-3J0ZwKwEcpafRdLpTknBTYQ",
    "RLgAROy2YF827Myo8JFJzBN9DZ2Z9-tqZCQbATLVfdMrKAYYt85i6MyfpAd1bN3t7GhtKpycb0m9NluUmmos9Q",
];
pub(super) const RSA_1024_RS256: &str = "\
    FJwDjXMQeHb58rqXB5UhZNTQNh-xjFWp6b8PFtyyY9KgB0Ww2-rmeKHS8bE96VJath9TLThPPiUNCPHg9cYXud2X2oK1CLRG4mwy\
    uJinPTCs97URpUWwpT_IjRDlC6-e_mdn1uLYcSKezO-0RYIBjcgPyyeMGIHu_htGErQRJI4";
pub(super) const RSA_1024_RS384: &str = "\
    ioZrz8Xm6uLD-JrUZr3e_FZvEdfMkslV_cm0gmqUzfQ-sP5ysTsClhpl-s4MG8KAsNyNcYq1GQgk2iMz7xD0YnOW-Hhs0AruoY3e\
    _E266MnuNEN4RZQf9n_cwGEBIQtPk4THKne19vA5KODqB7T6H_hQ9I5O6oTlQj_mcycPNOE";
pub(super) const RSA_1024_RS512: &str = "\
    CVmyThX5kZuMGVgVQicT0iOaKQtbgQKY0bDS_a0Abts0HOL5wm6puTHuYwP32jkSsmQP79ilN8aaSFYPunAkDp1vux9k2GffQ6N6\
    qMfMxihl57EmFFXmQasRjJuCIYtQCjYUjA8lGIZw3DTCw7_YmaFH2jiVz57OTkI2X12MHGw";
/// Numbers that fit together in every way but that q is the product of two primes of 512 bits.
pub(super) const RSA_COMPOSITE: [&str; 8] = [
    "leqBG9IPUsn-hJ41yUdc6WduAdgk6HkQZCOScgDCXXKHBEBecHxBv6LRTqLovtW1Eh_d02_gEN1rZaqi0DgXoBie7XYOwclmHq3k\
     xQb7oNPFyICocPRxf3VxzoW6q8NZXEewLPN3FEQeSa1MdQ1n3kUc5oY2nIVVQ3kv7JQ_C98yl-3BUXw-Rvv6StMFDcHlObgt_BV2\
     w8kf2dI88dyWjw8gaHi_g5HyJHqShRI-vUpR32K2u5Fk1mYMnjO5bNRSB7h-mJBJRRzaI-fN2-FZsjOXvc50Oxgn7wfdtHzUohBO\
     P9NG7ILv8NQmQRGcAxRMlucxp1xGN6ExU5-FUKqMIQ",
    "AQAB",
    "CUnUwwECUwpR2yykP3rM7mcqoTGfo8mwcsvjbG3QnRKV-_TzBPwl5LY1Sq58Riqeg-d2in2hf9oAJ_XpDYaULCaqXiMU6fvM-HSk\
     unJiz8WfOPuDtC_pAlEoAng1pyO82yNT7o0NITPRPpZeqNfySgq1LjE9m_gE3t_Y0MskltseQAsfWrZNXJo81t9voEazQCU9xTMQ\
     ENPScwrAcS8DEIn86WZNlAWUkynS6YXKbjm-BiV3o_NcjbsgJt3QMUF-NbOJvzjqalY8RYV01q5m7yTF7DAC3xrOdeTY_LLLxtql\
     ws3FI-vIeUFKwQkt3HOx-ZPm2k8fGOAQUkHcjwRtOw",
    "5us5fHkg3_jxnoOC0-DrCx2rWPUb0v0-f7SFDvNIHOUIDxcd3pN3OGzhzab2AaHCMagOxYEs0dIkwEUcZNONvfkoIa5wzBlMrwmU\
     IDwXQanaBaczgstB2pi2bgsgVzGt2sMeO_41wiUYsKV879N0MrbVSFQ00OL8TTDPC37NwQM",
    "pjL4NThV0M2bz24l83iJlj_0oKvB6-hXaheLcGLr14l-ChMVRt0N68K7F9CbByuZAa1Z8fVTTJ6U15YnXz_NFw4bYjGroelKKAdm\
     CJdrrLF1durzJC6SpjBACvk5J28o8g5PmsJc6mWUjycDGtsTm1Lqs3A4XFU7n206qFsNaws",
    "g5v9H5xJyF0yGI4Luoaub59xUTohqZb8T_yq-WJe71j5xt_9_iU-BcLIz1UhULzI2VRXVunQiaWjnJHHJRAN8QBYhxnM4AZrVje3\
     XMfi2WHdCOvKx_jgh54SG5Xr0MZXuB8M1FSGfyh1cfhfxLBXwa_Cz35uu78i3Tu8RWj4C9E",
    "ij17F0l0l-lt4GvORWXNi5xG7h3vfzoS-7v5z9F4Oh-zJs4YtIjKO4AN_xEU4jHxYuO-HPPiBakiRPAwb5myDas-O7709AgIFqOQ\
     yzSn60zwV6m19DKI6JLZskb6s0JS3IPq0t84Sf-UQj5A5uWyuU-OyRJezu5WWZWRZNfXoWE",
    "HUAyKRPdXIUNmkzdOFkOCOVCW7wFk8_dBl7VlRhdNzNE62TxQZnEirxLttQtoZExvPYqht669MECCs3eqUZ4L3qOAm6SBQC30x_-\
     jfiBw9EvGm5StIUoKhnbffU3XjMyC-WVj6JuHp9NpXMdSpNymOURouif1AwSf595PsHfjQ0",
];
/// An RSA key with the exponent 3: n, e, d, p, q, dp, dq, qi.
pub(super) const RSA_E3: [&str; 8] = [
    "wNhusddAwSWPRX8GBEigKslpOZ5oy0yAbgZfW2bgu1NSfCExGKPtr6D1Y5bM11hweXbPqm6fwxxsiusNuHYh5-MTe26PYSQ7TZDM\
     LzEitIqNjmyk_RAK4UTA8T9EJBzMj_sZJg2sY8g59lwfebr23HC_geeyT_iINW17Rou1hgfVTbrF0fIle9V_uJlypya6fXKFhaHV\
     6FmNHB7_PbwzKH13rqD6I2VG0M3OEhLxkeSwt39yYOn7xqZ6dBaIClII3NTdrzNiR9izm6GufMdZ2zNG22AmeY2u-szJw3kULUY1\
     9LTJo17y0I1BIMl433OwXF0OIP83UPLkJMUHyJis8Q",
    "Aw",
    "gJBJy-TV1hkKLlSurYXAHIZGJmmbMjMASVmU55nrJ4zhqBYguxfzymtOQmSIj5BK-6SKcZ8VLL2dsfIJJaQWmpdiUkm062183mCI\
     H3YXIwcJCZ3DU2AHQNiAoNTYGBMzCqdmGV5y7TAmpD1qUSdPPaB_q-_MNVBazkj82bJ5BAQPwue26yXdvQJz9huH-b_f983RquAx\
     qzH5ALPIx8l3DJoH1Q3eywj2z_Bf82KZBwjV8xrqAV6UReWEErALWfbIL6K9ILWp7s0iyTG6Pd482E6tmdJ27geu3HjmXljrE4iV\
     uJsjqfrjIoS1Ea5VODoPPTnC5AIejiiiNjQpDROBow",
    "77d8pPfKS5OOtfnb_4YzWHbEaxYXcrGdd98kXLcFadyb3pgmq2sdnronQjUVp56D_xcOk8bcJ5Ar3MGnKJK9fdQN4c-oVEb3BBpw\
     s9TkLu7O31xg6-EKpPOwEbwEeJFunDVC4sLvTTsOC8GEmYP-BjZjE8tcnefTjpD3JZjZ-ks",
    "zfHijnlvDUzDG82UJypTkhL5X-86GLXxH7vs9VsIlrj6jVblgIe6Nd69--_pZGjTcLPIf5f_9c2iV5ZnTnCiXsFS4C56jxqt-1Nm\
     Y0sVz6fuYxhDiDN3g7xnXnnvOv6KuSqJMWF3UOG4JcS_X4cek0ojVf-fa5PiYkJ_pJwhcDM",
    "n8-obfqG3Q0JzqaSqll3kE8tnLlk9yETpT9tkySuRpMSlGVvHPITvybE1s4Ob78Cqg9fDS89b7VykyvExbco_o1elopwOC9PWBGg\
     d-NCyfSJ6j2V8pYHGKJ1YSgC-wufEs4slyyfiNIJXSutu61UBCRCDTI9vpqNCbX6GRCRUYc",
    "iUvsXvufXjMsvTO4Ghw3trdQ6p98EHlLan1Io5IFudCnCOSZAFp8I-nT_UqbmEXiSyKFqmVVTokW5Q7viaBsPyuMlXRRtLxz_OJE\
     QjIOim_0QhAtBXelAn2aPvv00f8HJhxbdkD6NevQGS3U6loUYjFs4_-_nQ1Bltb_wxLA9Xc",
    "WeU-BdMRM-on9Y7PSQ4Tvs-FGQn_e_uRm8j0mosFI0IipYjKjEs60HXgrkFcWwalyGcj3E3wfEeK-Pb5vHJyvQMqh2SjV1-vPHeM\
     7f4mTsYkKN5CukgCehhhw8gY9lYA4j6nxeadC3Y-jel43I-xQwlNgIlypSJiDO3V2YUIt9U",
];
pub(super) const RSA_E3_RS256: &str = "\
    jgQ5pVvnpGGnlPn9JG4tARaw4huCSDMSPrHelhnMc4wjbEQjNgnajUXww_NOFZRZc6qvVMm7L3-dqPN6bnu3QXUr_-IlCgmFq76e\
    kB2ijOkANuBRfRlGJyBePRlX-moI68j0RLf2CxJmXzbGjQvl0iRG0LY6Y6FSqIZYX10eD3Svj6YaTtxBM_iKCTsd8SktLkwnZUgi\
    135wKgCw8HQKoo9iQy66MN5dp9yUkwWezBPiyLjl0WiXqaaYj_wJjj79PUrERHog3B2xQQnioimotE5xejhDOKKOII3juQZqrcOl\
    zH43d_kmwkoNQCU_o8ce6fneG89rIUQWw5CA2ai_ew";
