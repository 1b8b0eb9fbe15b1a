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
/// The signature of RFC 7515 appendix A.2.1.
pub(super) const RFC_7515_A2: &str = "\
    cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9\
    uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB\
    _eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq\
    Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
/// The key on P-521 of RFC 7515 appendix A.4.1, x, y, d, and the signature.
pub(super) const RFC_7515_A4: [&str; 4] = [
    "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
    "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
    "AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C",
    "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCA\
     PZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
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
    Bb3lvLr-PbCvPQ8a9tGL8u72IXYHUM4PGZjmTtQAD_FJVYQMZ_yH3AbDXL-BmX17tljvKO74Eirfl9CIwtmBAZ_RndtYfK7DPtIz\
    jW99khPlsHNvDL76u_ErdHr9y8GYjRFke-BdHUcTxbjRbNMVFYJsSLdfScWtnQvXvUzGZRIoU7ccxykvkYMepFMJrbIbxsxLaWbi\
    y_nMm4TSIDrA5h6i15DiKV8w8c-q2WNDYYWyxHRX_cNsTPKsyESAnWJN-T7ahgbY_bQSKX6VgX9ZUi2wuuHsDrT4RobQdNW17Yds\
    3-WpKa106lC9n1GEioQWN0yznyQBImPBeXFwOoBK_Q";
pub(super) const PS384: &str = "\
    S0A8CIXjk_fhZTNEAWFWPmk0b5cfIe9yO_-biPs5nwqWu9hQcT9zNEf5FJF1e_v1GIO-IGoPHOKzOQVqHWeveGPwb5yZMuxV4hsh\
    ocFq4EPXHoEsEX5uIpXwuGo9RTidSfwI6jgr2Lju2UKI4IbzIu8yOdKef517ipBB-RsX6cqop50wday6BY_FWmrPINoDRvOKJvi4\
    u18pSEkyorlG7vmLDTSwp_VlHjCIC3ap0DLBGl6jT2jn9hSfLMyHv5wblNWL4qe1xhsnLfavjjBbtXNx92cEqhqPUswBIlokmYNX\
    _ejOcg68106dUUO991vUSykzcrRQEKHpEl3ZcarTgA";
pub(super) const PS512: &str = "\
    EUOjcJ8yzH3K-w_keEqYdl3oqkoA7-fLDmTW-TuiS-S8P0DkvwxDTRiuFntniamVtlXVrY6xZdHA2qTj1Ke5tQlmxhLHnf9L_j2n\
    0xUFV-_GNoTfTFEYy7hQLQXdjX9Wjk4NUNnWWH8l1V6vNOqyDQw7RwTYah5xj9zd-LbnADUh6RDvBI76iz1ot8cN8GlycetkziAx\
    sZkTebUoguQ_oGu7oaMzrJHvzkOjrsPFZV7nTWJqtVKnlb6_wiHjFCUkUjtuto3suXvSYb2Fn0-VMX7BcQ5JAVI_4b587kNitpEI\
    f_hhNNXyzahzB0y0yW0Ep14snqzZG6V6IVqPWF7N7g";
pub(super) const PS256_NO_SALT: &str = "\
    XGvTjCFQYxoDi0UpEnXs256El5PYt8aK_c26ahPY0kIsEeH3rKYuU-wsR7C1UTBT8DCGdu7twnyRHENjUeJRdHegBxUVBw5E4k0M\
    b179Mt6ah0OQ7MlcJVxSQ2PEV9lcyAjUWInTQGZKFxOF6_WlzbAECjz2Xrva2U5HC71BMFzuKgDGrbpUsJsMXV5sAr-sHFfKE7Sm\
    nyvjggoZnkv1WEZSodzg3-xLcqdBh7T0kRSkscPzr6bA-MrLRuS_Ze3Q2Aon7jhDGRnNoi71e-qcu54p9ZkpZvyU_xyc2P7arbyK\
    S5bFLmeORORA8J27jMHryX-_xus46k2Vgy3jz7AFhA";
pub(super) const PS256_LONG_SALT: &str = "\
    PVhxbQFcAO5YY5km3zDCJz34V3PyN7Yf5ms-4S0U7gVl6Txs7AvUFrRDBQgradJrm-ZNnJESELsSSx664nqrbH3uTmxsADuGwRi5\
    L6NcGWq53avIFilJCRtXyEeHamhJPpknqXSy9Bv4azWzqS_oXRQ_G3g6CkI46Ee1-0bQ9F2U-wHxiAeto1kbC27GXWHRLF1QJCGi\
    9ZkFqFZXNFiRPsmWhkD5KQvppXHeWq4db5XwErBYfR7vYdJBSPG8GN9zyytjC1aTxxF8YTtFCW5v_IpWbSID-N36cxelt8E0zeXH\
    0Iex2QGwqGRKn1RZxZZk8mwDL0Tc7AbMR0lPQayXgw";
pub(super) const PS256_MGF1_SHA1: &str = "\
    V5AIPYIjL5Lm30tgCAkvQRlcrn-mCdh6kyPwb9oamxpFXIlWjEYrnu3g5O8RFrV6bPFTiEhk0wdjQ3TTR7yZHp_igc-_H1-aPZ6s\
    4lre0fwYvq10Dj6_RH8Rdn0Ttx4DNCRcEs2_1ctI1l5BmWMg08-VnxArgBesVP6ODSowP567KXTA5ntX_obpLePgtoAEQUBHjtOd\
    0y1a2o5yq4j3h2b_Wlig56bZ3Dznxy2MyiLEprCOlcAH8oj8vy4v3OBnKJ9O1gb2tM1jWWQf0xtRA_MprT6ErgXgKGWFlXmoVnOl\
    mJYuGmsXawDuXQyx_i94H9MFun4Be-0VYGAjTFokVw";
/// A key on P384, x, y, d, and its signature of the message.
pub(super) const P384: [&str; 4] = [
    "rfORxw5blACICV3CAjm9KrUdNpNYcTnAAy8ZqxR4NT6GM3oRNXBy7v8A6hVpffB0",
    "Uj1DwPVk2biYl_2S13NgUFRP-1hcFw8aR0C_KslPL1CaSCgp_tJAmah2-ckfLMRH",
    "2GlNuq2OCvYmW_yr7_XmwFAzq7WuMm8aWINzTyIeBXi9uII02qcgAEkw2lb6plfG",
    "uuXO760-6ccQGKuyAcoMTOjBYIt6gYJJhoPAO1opDiy3WQbgemxA2ApVJ23LMFUJIZiOA7JZYlM3Ql4iZI3H2sEkT88HtsuwBg5-\
     wxaY26Op4HPFMA3-qS6u3SO2ySky",
];
/// A key on P521, x, y, d, and its signature of the message.
pub(super) const P521: [&str; 4] = [
    "ASxO7u5ml-25IdWq0Gis3_dLsrqWqs_f2cJdZ9HBR6EwDULzFNB-3ANFK-GUmK4RFeFnVP906EE2UOqN04YoRL4u",
    "AOTKH_jMSxBD5t2o8cvxjS_CzQZ4o8axsQBjmqWv70eKYUxpZZAZwomnom5NjMJqJG7ODeDGHMrB15swfJy3-81D",
    "AS0U20j5nWW6FPwbgjLxnt-zVhdk9on9pmi_VqzSsR8Y15f_Ziuqn0Osg4d3tMZ1lw29S6FDpDgYiCkRUmIuTo-B",
    "AEjzlHnLZ4ozZcLQqN_Yki0gW0q9Ub4jCPLnzoAANn9ycCi0WNJYGItHXFtTw6SCTzjrHZxmea_A62GS-UPC8X5sAHVWPHfo8IO6\
     NIvFStWoksOPCsNzUZgYhJzRTSxhl6N8wU_iiC5kZpmqizFx3wuCu0S0zRQguyNl98YCWC7YhaQW",
];
/// A key on SECP256K1, x, y, d, and its signature of the message.
pub(super) const SECP256K1: [&str; 4] = [
    "fBfm6ajLIKjbBOvRl5lp9WpN9sjvFGcQMwiIeOzLMrk",
    "22lREdKSWwZpYzrstxbx_UrAkqDizx3z6FYyTHMkWfo",
    "-lHlMKkUoVVoMO2YAm70Mj_97k0iqVu3UJmaJ7qYZMI",
    "_Xe4etn1GsGi_YgT9vrPDeSaKYAXntjg01--HOZPsYGmx2RlqMwSzzh2KcU0-R_t3OK2aPNYrpAmvJUkjinvog",
];
/// An RSA key of 1024 bits: n, e, d, p, q, dp, dq, qi.
pub(super) const RSA_1024: [&str; 8] = [
    "2HzC9IR3nmUoSUPfMuev1XQtvQlR_nLzZaV-06fHJHGExzk6wpzrix4beknh717nnCSyz_FusCyS6bqKzOuoHskX98iwpDTQYeUQ\
     kyuh89XkK_JE144G_zLLdm9bb4lee4Db8tDKAsWDXoyswnIA_uCzhSjX3U8ZnUu3201nkQ8",
    "AQAB",
    "BihGQz4hSNgHtU3A42nDjoanZmEFe_84_QMgAFUdTOQNqrzt9usPp_1LOscvLee9HqvMii2LwGcEJrGvkPSC64_WlxRNzLSi8L_6\
     5nCp3M5kAvV1AhuLwiDLVkycLg6FGHtkMkFoibKqv1cv6IKUnM3fp3tgs3oFyDKoKSP0AYE",
    "8zLUfwbVk6euUbfB8Oi9zojqbV8ksDb08l5KqWAj9w6x9Ain1yFqh7llArElZuHQkmGWQdB-lHMn03H4QnRnVw",
    "4-H9iLfzprN_iPUNK0zJOK-r5H1hfFIB73hIWN5cx7c0Du38MmhxWKVxCHAeWYaLWuRs1oXhGhC6oOBIqHUpCQ",
    "XcQXUfKcnhVkjHVA_VV--Qao_ApW5uoJfvkD6FH9C-BKlEBSFgv4OuQsIeGS_hvKguXFPRLZ-vp7PHcQtO6UeQ",
    "M82BxvyaJMEVMtsR_U_dRkeY-b4O1SYHTpq3R4x05umcqfArroHTkmU5hsOGAq_1KdpXa4TPoQ9AfaW-npzTkQ",
    "FSL8AjBchjstjydFn0hX9RZvxtOghztxtLstLdeEPPY4oBbr11cb7aMyHYeVWyBzs2gF7j5xxuZw9THstBIEMA",
];
pub(super) const RSA_1024_RS256: &str = "\
    vizaeCMMH8rTUMSQG8jaLTBiETV-jKIrbRNTpGbzuNXBa_E-0MVsArwuLTkWKnbEMN4AIqHlH9l7ZtC3orsnaFVwELZnd8YBMWbc\
    GhLfI1IdhsQaJB93XRgKG0Wlita3civQNVJeQg6IzZwMVnRRwW1cNCmvnS7NkxrnppCsWII";
pub(super) const RSA_1024_RS512: &str = "\
    aLTSEpUdX8WJw78LQM7Rhn1YqEhHQuetNvE_annRJ3P5mVqXa3QU2OK59s0DUeisx-O0DMSLiSg02kRKXwzdKwW4rctPeIl1V8N9\
    22T_-w44cWga0Bo3X4C-TbjY6_P8lz-VMBXoPAQqhDa-nyDCrzNMgiaw3PWqM2-9PK_uHrA";
/// Numbers that fit together in every way but that q is the product of two primes of 512 bits.
pub(super) const RSA_COMPOSITE: [&str; 8] = [
    "qvYZj9NrLiLaQFKfutTZeSPYAor92Xpl8-t0EwojNVstuSmoL0F8RRSUL4C501jPvgEs4UlzKVw5KcBWaQ-qMfuzBI19BkS2ImbK\
     HLQVDu7J5PHvmuBZWGiAUE2LCjwBEciM3XN025zkBDmM7uqgoI7ilsj_NvRe6LXvguG9oWNMt5Ul-tw87hOpzVGsSMBaRPCsQE7A\
     wEMIUeexbWe1aCa5ApWDO3jvBzDS-nhhXd_DIFiuBqMaavcJwdr6OOrYLv0Q_usuMhExmlX3L2gVlFAx4w02grXjuF85fcedi5r5\
     vgtr1Ryi-s5gr0DMzDS9FLgBpeZgac0iioxgy0l1_Q",
    "AQAB",
    "AdUGAcWT63hSJchSOpACDfX1YFREU3_9TGI56eOnlvB1iqYd-EutB5coiLh0xVq5TIxPV9FlW4xydwu-9qdFUqh44FPygrkFHqnt\
     VpC-J7J6wBUGVVQ8K4y10KZ-wUr9U_HLQ1Wea1AWHXl5v4G3hkuhtViiwOBY4rONxTWixkej-ZliEkwKAPLiOZqUznSzXXL-OHe3\
     ZK_qosi0AbFMuj8hP7Kx_vfrBHx4HyWzRRCVcPlmyi2QF1fnECdb5muWs_7EdQaAbEaSz-MgJ9ZEoj9Sh9NspTo83P2MHkzS5h9A\
     E8yNJqYspOc5ttxvqqH2Hr82QOEX0_x1C4BDa1DlQQ",
    "5w7cCGJ1H90mf-sSCYHgtKtqZTynEa_HvROsx5vPysRh0M1x-gIQboSrJGQ-Tcz3FKqbeJqBXHi1vnnO-cPjfQZM0KAXokbD6Fgj\
     H_HQBS8VzQUiJ4otHAwo5tUs7s3QyQDcbNPw_iaiPZXCrGwsjl4u9hERzZ8OrwfMjNv0__E",
    "vWqBlrnGYZiuxVjnJ-1TYUMhESS51oa1nhf0pC02zn7inYxGRmaEFmoqlB4__9jj4UlT1TnyBBX6btw-hqxgP7rsl-z_AGWnSRc1\
     3NfdoiD2EhJNDvnp00DmVh3ARmSN-a5-9g_f9tAWxWRIHBj3_drdPpP5nbK0WvumlcJCos0",
    "DhTPwAsQDEMUB5Ox47ZwlVIlB8psfB10VMeQLhIG1dqmA22h1pStn66iJ3OcgG1PWYkUNINmAtawbM1LmdkgUgxCPiyjhBY_9jb4\
     3QeFn-tArt_zNumq2hy7mWXAeUU9xiIxTMiV1UdRd-Nam9tz07FVt1VO-nMJGA2nn6YABmE",
    "u4CyFW2DRttorqyp7mlNL6vPEPRlDkq9gGlAYEDtzw3l8IWKj2gt-y5PRd6IBhFCy6HV3e6Fd6v2A0X8kz4R7SRxzpbpexAlwAG8\
     7Qe3OyYb0JnTNC8KW3gUS00aJ9SkgnRM8_GVB_LHh9EUXNQOsXm1p5u97nCXfrU8G2V4p0U",
    "ZPRMt5nfs0ESMZv3DNqa0hSyIIzw2tfDhRCHHWBbQIv_0rnRdSwzKUyy6UzwWl3pG5Clb1mkg2F3CXPFC4VtqbFcQ5IN0maBW_9l\
     yVGqoqfmbLo4tBwuE2cLPEoQve55aAHG0bJ-7s220lAY7wSSYOvTI4mP7SrMqQ0YMuayS3A",
];
/// An RSA key with the exponent 3: n, e, d, p, q, dp, dq, qi.
pub(super) const RSA_E3: [&str; 8] = [
    "ti9KJfqhhvNjbPq2iU6BtS7szZ0gdWbd6kQ0RorgObpwvI_oATUADJvfrCGe5y-rOodGpJOK9LnHVsr8vpbMnFLHOzhEEMiXZCml\
     F77Pdzsx8kHZq7XSDoYMMJgTUSgGCRjYNqKm5OIwPpjWU4QTKvSC_ZwiPYSqbiYtD398JaNmnunMu8ImBxcgpR5uG1KwP99pM8Qg\
     e7OJso4CkUNUMjAs78M-_OqkXSSmCyL_1Otsjv1mWRA0X6bDTgk-tAA5h4TNWVXhVFZqbigjAKDCYcSCcxMFz_SZn_eOmvOpVpr6\
     WfZKLuVOvS63uZrtZBAqQfDpmAVA_EEuPgeozQbYGw",
    "Aw",
    "eXTcGVHBBKJCSKckW4mrzh9IiRNq-O8-nC14LwdAJnxLKF_wAM4ACGfqcsEUmh_HfFovGGJcoyaE5IdTKbndvYyE0iWCtdsPmBvD\
     ZSnfpNIhTCvmcnk2tFlddbq3i3AEBhCQJGxvQ0F1fxCO4lgMx02sqRLBflhxnsQeClT9bmvOvYNgCK1BjrjEqtQPBHmDTDdqdubK\
     ZcoAtcKM-oV9vW95NzPEd0K4FGPWfp6VcPtyoysLJae7zJxWBu7Ce9pYP1Ny-gUMZ9my-_MWVZgUcytbfJ6TD2pMuCTO9i_4rwDA\
     ysqvy6yR-BMJK-7xLh_1NtRY512nPV0ifuMCPcfwWw",
    "44ZczTTQWnrP5Ot6WT7AokE9LxmNKfXWyy_4R8tS6iS0xjlgGGX_EKcdEhpx0qxgipGJfUmTe7zFPbwqdzgwEvqgxjnKIfcLcPNx\
     AnefT4eot-5QSeJUXUoAghjYFnxBDClqwCXGDL0gMJvxSK2Hmei7GoN1d3iLXj7SMBI1X-c",
    "zPxH73nt6TYyFLll_lXbyQxPGmfcxu0tvXHx504oLXFUMOOVf-QHf5dx0jLDTP8RtgizWFcBHu_3BId4o8IIoi3m2qiELMGEbQDK\
     fwidVC1awUnU31aAyUG_1hDTndPYzQBbglecZwvx-VvDOvFYoIb3SbmDTqeqHEDg9V4lj60",
    "l67oiM3gPFHf7fJRkNSAbCt-H2ZeG_k53MqlhTI3RsMjLtDquu6qCxoTYWb2jHLrBwuw_jEM_SiDfn1xpNAgDKcV2XvcFqSyS0z2\
     AaUU36_Fz_Q1hpbi6NwAVrs6uagrXXDx1W6ECH4Vdb1LhckFEUXSEaz4-lBc6X82yrbOP-8",
    "iKgv9Pvz8M7MDdDuqY6Shgg0vEU92fNz06FL74lwHkuNde0OVUKvqmT2jCHXiKoLzrB3kDoAv0qkra-lwoFbFslEkcWtcyutngCG\
     _1sTjXOR1jE4lORV24EqjrXiaTfl3gA9AY-9mgf2pj0s0fY7Fa9Phnus3xpxaCtAo5QZCnM",
    "16AwKUK-mf8AbNMVi49pVr9OZ1eb1N6hUHKfakETCcevq9EoIbofitkWVyG0Ph1Ejxpx3o2JcgWw536PgiIo9rhATNRbOlkX_lky\
     R259UBDmA5moMgGEEXv__XMPvTsDw9Hw56DrprbR2ELOtKHRAcjWZxG2RUQbwLsty_6Ov_M",
];
pub(super) const RSA_E3_RS256: &str = "\
    r7G3ILytjbjiPb_nuCysYa9CcMDOwYlZtSBZa2ybQxd9K2SZfSsHYTMCDknsrQCUiviOCNhg5AbTb52xJol9fiF8MYlp87oLagTf\
    pqwAyINDq0z1_9_hYxs1EH2mDBpRFAv_eXhA1XqPvfPuX4CyqlG1WGDznMr9dLvH1W6DOkcaCtUk_vhyBH9NluPPKTDUF1IU7pSM\
    1_pDVCgjpfFVPedIJctOGbnKGcDB5u3WkhvR5_2AX2LjnRhiiYi5pznozveeUIyeGfLOEw2o6NjJmfF_VNQcgI6Uv61R1lfq5o9s\
    fkb5hgekqKRQPI7mvDL1oRKcYdpfknudykM2aMN8pg";
