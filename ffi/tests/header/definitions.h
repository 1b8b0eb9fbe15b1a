
/** The version of this header. aw_version() tells that of the library. */
#define AW_VERSION "@VERSION@"
#define AW_VERSION_MAJOR @MAJOR@
#define AW_VERSION_MINOR @MINOR@
#define AW_VERSION_PATCH @PATCH@

/** As a length: the data is a string that ends in a NUL. */
#define AW_NUL SIZE_MAX

/** As the version that must be there: nothing must be. */
#define AW_ABSENT UINT64_MAX

/** As the time when a record ends: it does not. */
#define AW_NEVER UINT64_MAX

/** A status that is not looked at is a hole: gcc and clang warn about it. */
#if defined(__GNUC__) || defined(__clang__)
#define AW_MUST_USE __attribute__((warn_unused_result))
#else
#define AW_MUST_USE
#endif
