/* A program of somebody else, who has only the installed library. */
#include <authwright.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    aw_key *key = NULL;
    aw_error *error = NULL;
    if (strcmp(aw_version(), AW_VERSION) != 0 || aw_key_generate("ES256", NULL, 0, &key, &error) != AW_OK) {
        fprintf(stderr, "%s\n", aw_error_message(error));
        return 1;
    }
    aw_key_free(key);
    printf("authwright %s\n", aw_version());
    return 0;
}
