# Compiler flags for every target. Assertions stay in every build: a wrong state must not be acted on. That warnings are errors
# is the presets' matter: a compiler of next year warns of more, and must not keep anybody from building.
include(CheckCSourceCompiles)
include(CheckLinkerFlag)

set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

# 3 where compiler and C library check sizes that are known only at run time, else 2.
function(haishin_fortify_level ret_level)
	set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
	check_c_source_compiles("#include <string.h>\nint main(void) { return 0; }" HAISHIN_HAS_FORTIFY_3)
	set(${ret_level} 2 PARENT_SCOPE)
	if(HAISHIN_HAS_FORTIFY_3)
		set(${ret_level} 3 PARENT_SCOPE)
	endif()
endfunction()

add_compile_definitions(_GNU_SOURCE _FILE_OFFSET_BITS=64 HAISHIN_VERSION="${HAISHIN_VERSION}")
add_compile_options(
	-Wall -Wextra -Wshadow -Wundef -Wvla -Wwrite-strings -Wpointer-arith
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wformat=2 -Wimplicit-fallthrough
	-Wunused-result -fstack-protector-strong -fno-common)

# A program needs the libraries it uses, not all that its folders' other files use: haishind has no curl in it.
add_link_options(-Wl,--as-needed)

# Tests are hundreds of programs, which Debian's mold links in a fraction of the time, where it is there (tests/CMakeLists.txt). What is
# installed is linked by the usual linker.
check_linker_flag(C -fuse-ld=mold HAISHIN_HAS_MOLD)
if(HAISHIN_HAS_MOLD AND CMAKE_BUILD_TYPE STREQUAL "Debug")
	add_link_options(-fuse-ld=mold)
endif()

if(HAISHIN_SANITIZE)
	add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	add_link_options(-fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
	add_link_options(-pie -Wl,-z,relro,-z,now)
endif()

# What is installed. None is the build type of Debian's packages, whose flags come from dpkg; the same source gives the same bytes
# in whatever folder it is built.
if(CMAKE_BUILD_TYPE MATCHES "^(RelWithDebInfo|None)$" AND NOT HAISHIN_SANITIZE)
	haishin_fortify_level(level)
	add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${level})
	add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
endif()

if(HAISHIN_COVERAGE)
	add_compile_options(--coverage)
	add_link_options(--coverage)
endif()

if(HAISHIN_FUZZ)
	add_compile_options(-fsanitize=fuzzer-no-link -O1)
endif()
