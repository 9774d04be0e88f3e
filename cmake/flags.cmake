# Compiler flags for every target. Assertions stay in every build: a wrong state must not be acted on.

set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

add_compile_definitions(_GNU_SOURCE _FILE_OFFSET_BITS=64 HAISHIN_VERSION="${HAISHIN_VERSION}")
add_compile_options(
	-Wall -Wextra -Werror -Wshadow -Wundef -Wvla -Wwrite-strings -Wpointer-arith
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wformat=2 -Wimplicit-fallthrough
	-Wunused-result -fstack-protector-strong -fno-common)

# A program needs the libraries it uses, not all that its folders' other files use: haishind has no curl in it.
add_link_options(-Wl,--as-needed)

if(HAISHIN_SANITIZE)
	add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	add_link_options(-fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
	add_compile_definitions(_FORTIFY_SOURCE=2)
	add_link_options(-pie -Wl,-z,relro,-z,now)
endif()

if(HAISHIN_COVERAGE)
	add_compile_options(--coverage)
	add_link_options(--coverage)
endif()

if(HAISHIN_FUZZ)
	add_compile_options(-fsanitize=fuzzer-no-link -O1)
endif()
