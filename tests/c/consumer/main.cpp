// A C++ program of somebody else, who has only the installed library.
#include <authwright.hpp>
#include <iostream>

int main() {
    const auto key = authwright::Key::generate("ES256");
    if (!key) {
        std::cerr << key.error().message() << '\n';
        return 1;
    }
    std::cout << "authwright " << authwright::version() << '\n';
    return 0;
}
