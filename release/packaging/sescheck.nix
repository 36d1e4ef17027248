# For callPackage: the program of the release {{.Version}}, not built from source.
{ lib, stdenvNoCC, fetchurl, installShellFiles }:

let
  version = "{{.Version}}";
  archives = {
    x86_64-linux = { name = "linux_amd64"; sha256 = "{{.Sum "linux" "amd64"}}"; };
    aarch64-linux = { name = "linux_arm64"; sha256 = "{{.Sum "linux" "arm64"}}"; };
    armv6l-linux = { name = "linux_armv6"; sha256 = "{{.Sum "linux" "armv6"}}"; };
    armv7l-linux = { name = "linux_armv7"; sha256 = "{{.Sum "linux" "armv7"}}"; };
    x86_64-darwin = { name = "darwin_amd64"; sha256 = "{{.Sum "darwin" "amd64"}}"; };
    aarch64-darwin = { name = "darwin_arm64"; sha256 = "{{.Sum "darwin" "arm64"}}"; };
  };
  system = stdenvNoCC.hostPlatform.system;
  archive = archives.${system} or (throw "sescheck has no release for ${system}");
in
stdenvNoCC.mkDerivation {
  pname = "sescheck";
  inherit version;

  src = fetchurl {
    url = "https://github.com/sescheck/sescheck/releases/download/v${version}/sescheck_${version}_${archive.name}.tar.gz";
    inherit (archive) sha256;
  };
  sourceRoot = ".";
  nativeBuildInputs = [ installShellFiles ];

  installPhase = ''
    runHook preInstall
    install -Dm755 sescheck -t $out/bin
    install -Dm644 LICENSE NOTICES -t $out/share/doc/sescheck
    installManPage man/*.1
    installShellCompletion --bash completions/sescheck.bash --fish completions/sescheck.fish --zsh completions/_sescheck
    runHook postInstall
  '';

  meta = {
    description = "Checks the DNS records of Amazon SES domains against a file";
    homepage = "https://github.com/sescheck/sescheck";
    license = lib.licenses.mit;
    mainProgram = "sescheck";
    platforms = builtins.attrNames archives;
    sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
  };
}
