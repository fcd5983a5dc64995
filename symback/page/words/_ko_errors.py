"""What else goes wrong, in Korean: in formulas, networks, documents, answers and runs; see ``symback.page.messages``."""

from __future__ import annotations

MESSAGES = {
    # api
    "derive takes a Network, not {name}; build one with network, parse or read": ""
    "derive에는 신경망(Network)을 준다. 주어진 것: {name}. network, parse, read 가운데 하나로 만든다",
    "derive takes a loss or the upstream gradients that stand for one, not both": ""
    "derive에는 손실이나, 손실을 대신하는 출력의 기울기 가운데 하나만 준다",
    "∂{loss}/∂{label} was not derived; name it: derive(net, wrt=[{label2}])": ""
    "∂{loss}/∂{label}: 유도하지 않았다. 이름을 말한다: derive(net, wrt=[{label2}])",
    "there is no {label} in this derivation{hint:hint}": "이 유도에 없는 이름: {label}{hint}",
    "{label} holds class indices; there is no gradient with respect to it": ""
    "{label}: 클래스 번호이므로 이에 대한 기울기가 없다",
    "lambdify takes args or batch, not both: points are given by name": ""
    "lambdify에는 args와 batch 가운데 하나만 준다. 점의 값은 이름으로 준다",
    # cli
    "{option} {item}: the value is missing": "{option} {item}: 값이 없다",
    "standard input cannot be read ({strerror:said})": "표준 입력을 읽을 수 없다 ({strerror})",
    "{doing:said}: the literal is too long; use --values": "{doing}: 쓴 값이 너무 길다. --values 옵션을 쓴다",
    "--values {path}: its arrays have more than {value} MB": "--values {path}: 배열의 크기가 {value} MB를 넘는다",
    "--values {path}: not readable (it is not an .npz archive, or damaged)": ""
    "--values {path}: 읽을 수 없다 (.npz 파일이 아니거나 손상되었다)",
    "--values {path}: {strerror:said}": "--values {path}: 파일을 읽을 수 없다. {strerror}",
    "--values {path}: not readable ({error:said})": "--values {path}: 읽을 수 없다 ({error})",
    # core
    "outer takes two 1-D arrays, got shapes {shape} and {shape2}": ""
    "outer에는 1차원 배열 둘을 준다. 주어진 형상: {shape}, {shape2}",
    "{a} of shape {shape} cannot be repeated to {shape2}": "{a}: 형상이 {shape}인 배열은 {shape2}까지 되풀이할 수 없다",
    "reshape of {a}: at most one size is -1, got {sizes}": ""
    "{a}의 reshape: -1은 많아야 한 번 쓴다. 주어진 크기: {sizes}",
    "reshape of {a} of shape {shape}: it has no axis of size {s}": ""
    "{a}의 reshape: 형상이 {shape}인 배열에 크기가 {s}인 축이 없다",
    "{a} of shape {shape} cannot take the shape {sizes}": "{a}: 형상이 {shape}인 배열의 형상은 {sizes}일 수 없다",
    "concatenate needs at least one array": "concatenate에는 배열이 하나 이상 필요하다",
    "in concatenate along axis {where}: shapes {shape} and {shape2} do not fit together": ""
    "{where}번 축을 따라 잇는 concatenate: 형상 {shape}, {shape2}의 배열은 서로 맞지 않는다",
    "concatenate along an axis of symbolic size ({lengths}) has no known length": ""
    "크기가 기호({lengths})인 축을 따라 concatenate로 이으면 길이를 알 수 없다",
    "pad of {a}: one pair of widths per axis is needed, got {widths}": ""
    "{a}의 pad: 축마다 폭이 한 쌍씩 필요하다. 주어진 폭: {widths}",
    "pad of {a}: an axis of symbolic size {length} cannot be padded": ""
    "{a}의 pad: 크기가 기호({length})인 축은 채울 수 없다",
    "windows of {a}: axis {where} has the symbolic size {length}": "{a}의 창: {where}번 축의 크기가 기호이다: {length}",
    "windows of {a}: size, stride and dilation are at least 1": ""
    "{a}의 창: 창의 크기, 보폭(stride), 간격(dilation)은 1 이상이어야 한다",
    "windows of {a}: a window of {value} is longer than {length}": ""
    "{a}의 창: 원소 {value}개의 창이 축의 길이 {length}보다 길다",
    "{self} has no index notation": "{self}: 첨자로 쓸 수 없는 식이다",
    "a number beyond 1.8e308 is too large": "1.8e308보다 큰 수는 너무 크다",
    "in {arguments} / 0: division by zero": "{arguments} / 0: 0으로 나눈다",
    "in {a} @ {b}: a matrix product needs arrays, got shapes {shape} and {shape2}; use * for a number": ""
    "{a} @ {b}: 행렬 곱에는 배열이 필요하다. 주어진 형상은 {shape}, {shape2}이다. 수를 곱할 때는 *를 쓴다",
    "dot takes arrays of at most 2 axes, got {shape} and {shape2}; use @": ""
    "dot에는 축이 많아야 2개인 배열을 준다. 주어진 형상은 {shape}, {shape2}이다. @를 쓴다",
    "transpose needs each of the {ndim} axes once, got {axes}": ""
    "transpose에는 축 {ndim}개를 한 번씩 써야 한다. 주어진 축: {axes}",
    "{kind}: an axis is named twice in {axis:said}": "{kind}: 같은 축을 두 번 썼다: {axis}",
    "{kind} over an empty axis of {a}, which has shape {shape}: there is no entry": ""
    "{kind}: {a}의 빈 축에는 원소가 없다. 형상은 {shape}이다",
    "in {a}[{names}]: {count} indices for an array of shape {shape}": ""
    "{a}[{names}]: 형상이 {shape}인 배열에 첨자가 {count}개이다",
    "in {a}[{names}]: an index holds at most one '...'": "{a}[{names}]: 첨자에 '...'은 많아야 한 번 쓴다",
    "{text:said}: a slice of an axis of symbolic size {length} has no known length": ""
    "{text}: 크기가 기호({length})인 축의 슬라이스는 길이를 알 수 없다",
    "{text:said}: only constant integers, slices, None and ... can index a Form": ""
    "{text}: 식의 첨자는 정수 상수, 슬라이스, None, ...만 쓸 수 있다",
    "{text:said}: index {at} is out of range for an axis of length {length}": ""
    "{text}: 첨자 {at}의 값이 길이가 {length}인 축의 범위를 벗어난다",
    "{text:said}: a negative index needs a known length, the axis has {length}": ""
    "{text}: 음수 첨자를 쓰려면 축의 길이를 알아야 한다. 이 축의 길이는 {length}이다",
    "{name} takes {arguments} argument(s), {count} given": ""
    "{name}: 인수가 {arguments}개 필요하지만 {count}개가 주어졌다",
    "{name:said} is given {twice} twice": "{name}: {twice}의 값이 두 번 주어졌다",
    "{name} takes {arguments} argument(s), {count} given; it needs {needed}": ""
    "{name}: 인수가 {arguments}개 필요하지만 {count}개가 주어졌다. 필요한 것: {needed}",
    "{name:said} has no parameter {names}{hint:hint}": "{name}: 없는 매개변수: {names}{hint}",
    "in {function}: the {argument} is 1 or -1, not {form}": ""
    "{function}: {argument}의 값은 1 또는 -1이어야 하지만 {form}이다",
    "in {function}: the {argument} is not negative, not {form}": ""
    "{function}: {argument}의 값은 음수가 아니어야 하지만 {form}이다",
    "in {function}: the {argument} is between {low} and {high}, not {form}": ""
    "{function}: {argument}의 값은 {low} 이상 {high} 이하여야 하지만 {form}이다",
    "{value} is neither a size nor the name of one": "{value}: 크기도 크기의 이름도 아니다",
    "a size is a whole number, got {value}": "크기는 정수이다. 주어진 것: {value}",
    "a size cannot be negative, got {number}": "크기는 음수일 수 없다. 주어진 것: {number}",
    "{doing:said}: shapes {names} do not fit together ({found} against {shape})": ""
    "{doing}: 형상 {names}의 배열은 서로 맞지 않는다 ({found}, {shape})",
    "{doing:said}: axis {axis} is out of range for an array with {rank} axes": ""
    "{doing}: 축이 {rank}개인 배열에서 {axis}번 축은 범위를 벗어난다",
    "reshape of {text} from {old} to {new} mixes a symbolic size with others": ""
    "{text}의 reshape: {old}에서 {new}까지 바꾸면 기호인 크기가 다른 크기와 섞인다",
    # derivation
    "{form} does not fit the shape {shape}": "{form}: 형상 {shape}에 맞지 않는다",
    "the Jacobian of {of}: there is no such equation{hint:hint}": "{of}의 야코비 행렬: 이런 식이 없다{hint}",
    "the Jacobian with respect to {wrt}: there is no such name{hint:hint}": ""
    "{wrt}에 대한 야코비 행렬: 이런 이름이 없다{hint}",
    "{of} does not depend on {wrt}": "{of}의 값은 다음 변수에 의존하지 않는다: {wrt}",
    "there is no second derivative by {v} and {w}; known: {names:items}": ""
    "{v}, {w}에 대한 이계 도함수는 없다. 쓸 수 있는 변수: {names}",
    "second derivatives are derived for scalar parameters; {wide} has shape {wide2}": ""
    "이계 도함수는 스칼라 매개변수에 대해서만 유도한다. {wide}의 형상은 {wide2}이다",
    "the gradient of {of} came out with shape {shape}, expected {shape2}: {form}": ""
    "{of}에 대한 기울기의 형상은 {shape}이지만 맞는 형상은 {shape2}이다: {form}",
    "in the names that were given this has {whole} operations, too many for one expression; the form itself has .latex() and runs as code, in which {names} stand for parts of it": ""
    "주어진 이름으로 쓰면 연산이 {whole}개여서 식 하나로 쓰기에는 너무 많다. 식 자체에는 .latex()가 있고 코드로 실행할 수 있으며, 거기서 {names}의 각 이름은 식의 부분을 나타낸다",
    "in the names that were given this has {whole} operations, too many for one expression; the form itself has .latex() and runs as code, in which {names} … stand for parts of it": ""
    "주어진 이름으로 쓰면 연산이 {whole}개여서 식 하나로 쓰기에는 너무 많다. 식 자체에는 .latex()가 있고 코드로 실행할 수 있으며, 거기서 {names} … 등의 이름은 식의 부분을 나타낸다",
    "the {kind}imum over an axis, {node}, has no expression in SymPy; the form itself has .latex() and runs as code": ""
    "축에 대한 최댓값이나 최솟값({kind}imum)인 {node}의 식은 SymPy로 쓸 수 없다. 식 자체에는 .latex()가 있고 코드로 실행할 수 있다",
    "the adjoint of {of} has no expression in SymPy; the form itself has .latex() and runs as code": ""
    "{of}의 수반(adjoint)은 SymPy의 식으로 쓸 수 없다. 식 자체에는 .latex()가 있고 코드로 실행할 수 있다",
    "the {title}, {node}, has no expression in SymPy; the form itself has .latex() and runs as code": ""
    "{title}: SymPy의 식으로 쓸 수 없다: {node}. 식 자체에는 .latex()가 있고 코드로 실행할 수 있다",
    "the maximum over an axis in {form} has no expression in SymPy": ""
    "{form}의 식에 있는 축에 대한 최댓값은 SymPy로 쓸 수 없다",
    # documents
    "the format {name} writes {names}: no such kind": "형식 {name}에서 쓴다고 한 종류가 없다: {names}",
    "the format {name} writes nothing: no such kind": "형식 {name}에서 쓴다고 한 종류가 없다",
    "{name} is no option of the format {name2}": "형식 {name2}에 없는 옵션: {name}",
    "{name}.py: the format {name2} is spelled like {name3}": ""
    "{name}.py: 형식 {name2}의 이름이 다른 형식의 이름과 같다: {name3}",
    "use {option} or one of {names}": "{option} 옵션을 쓰거나 다음 가운데 하나를 쓴다: {names}",
    "use one of {names}": "다음 가운데 하나를 쓴다: {names}",
    "{spelled}: the ending {ending} is unknown{hint:hint}; use {option} or one of {names}": ""
    "{spelled}: 알려지지 않은 확장자: {ending}{hint}. {option} 옵션을 쓰거나 다음 가운데 하나를 쓴다: {names}",
    "{spelled}: the ending {ending} is unknown{hint:hint}; use one of {names}": ""
    "{spelled}: 알려지지 않은 확장자: {ending}{hint}. 다음 가운데 하나를 쓴다: {names}",
    "{spelled}: the ending is missing; use {option} or one of {names}": ""
    "{spelled}: 확장자가 없다. {option} 옵션을 쓰거나 다음 가운데 하나를 쓴다: {names}",
    "{spelled}: the ending is missing; use one of {names}": ""
    "{spelled}: 확장자가 없다. 다음 가운데 하나를 쓴다: {names}",
    "{where}{name} ({title:term}) does not hold {kinds:term}; {remedy:said}": ""
    "{where}{name} ({title}): {kinds}에는 쓸 수 없는 형식이다. {remedy}",
    "{module}.py: FORMAT is written out at the end of the file, as texts and functions ({error:said})": ""
    "{module}.py: FORMAT의 값은 파일의 끝에 문자열과 함수로 다 써야 한다 ({error})",
    "PDF: chromium finds no font with {english} letters; install a {english2} font: {install}": ""
    "PDF: chromium에서 {english} 글자가 있는 글꼴을 찾지 못했다. {english2} 글꼴을 설치한다: {install}",
    "PDF: {name} made no page (exit code {status})": "PDF: {name}에서 문서를 만들지 못했다 (종료 코드 {status})",
    "PDF: {name} cannot be started ({strerror:said})": "PDF: {name}의 실행을 시작할 수 없다 ({strerror})",
    "PDF: {name} took more than {timeout} seconds and was ended": "PDF: {name}의 실행이 {timeout}초를 넘어 끝냈다",
    "a page cannot show a {name}": "문서에 보일 수 없는 종류이다: {name}",
    "this is not a document in JSON ({error:said})": "JSON으로 쓴 문서가 아니다 ({error})",
    'this JSON is not a document: it has no "symback document" with its version': ""
    '이 JSON은 문서가 아니다. "symback document"와 그 버전이 없다',
    "this document is of version {data}; this symback reads version {version}": ""
    "이 문서의 버전은 {data}이고, 이 symback에서 읽는 버전은 {version}이다",
    "this JSON is not a document: it is a part of one": "이 JSON은 문서가 아니라 문서의 한 부분이다",
    "{where}: a record with its type is expected": "{where}: type이 있는 기록이 필요하다",
    "{where}: the document is nested too deeply": "{where}: 문서가 너무 깊이 겹쳐 있다",
    "{where}: there is no record {data}{hint:hint}": "{where}: 없는 기록: {data}{hint}",
    "{where}: {name} has no {unknown}{hint:hint}": "{where}: {name}에 없는 이름: {unknown}{hint}",
    "{where}: {name} needs {names}": "{where}: {name}에 필요한 것: {names}",
    "{where}: a list is expected": "{where}: 리스트가 필요하다",
    "{where}: a list of {count} is expected": "{where}: 항목이 {count}개인 리스트가 필요하다",
    "{where}: an object of texts is expected": "{where}: 문자열로 된 객체가 필요하다",
    "{where}: something else is expected, not {name}": "{where}: 다른 종류의 값이 필요하다. 주어진 것: {name}",
    "{where}: {expected} is expected, not {name}": "{where}: {expected}의 값이 필요하다. 주어진 것: {name}",
    "a LaTeX document cannot show {names} in every engine; give the name a symbol of its own": ""
    "LaTeX 문서에서 모든 엔진이 보일 수는 없는 글자: {names}. 이름에 따로 기호를 정해 준다",
    "the symbol {latex} can only be printed in LaTeX: {reason:said}": "기호 {latex}: LaTeX로만 쓸 수 있다. {reason}",
    "there is no flavor {flavor}{hint:hint}; known: {names}": ""
    "없는 Markdown 종류: {flavor}{hint}. 쓸 수 있는 종류: {names}",
    "{color} is not the name of a color": "{color}: 색의 이름이 아니다",
    "PDF: {reason:said}; {remedy:said}": "PDF를 만들 수 없다: {reason}. {remedy}",
    "PDF: no engine is installed; pip install 'symback[pdf]' brings one that needs no TeX (symback doctor lists all)": ""
    "PDF: 설치된 엔진이 없다. pip install 'symback[pdf]'로 TeX가 필요 없는 엔진을 설치할 수 있다 (symback doctor에서 모두 볼 수 있다)",
    "PDF: no engine that is installed can print this document: {said:said}": ""
    "PDF: 설치된 엔진 가운데 이 문서를 만들 수 있는 것이 없다. {said}",
    "PDF: typst could not set the document ({reasons})": "PDF: typst에서 문서를 만들지 못했다 ({reasons})",
    "{engine} finds no font with the letters {names} …": "{engine}: 다음 글자가 있는 글꼴을 찾지 못했다: {names} …",
    "{engine} finds no font with the letters {names}": "{engine}: 다음 글자가 있는 글꼴을 찾지 못했다: {names}",
    "install a font that has them, or give the name a symbol of its own": ""
    "그 글자가 있는 글꼴을 설치하거나, 이름에 따로 기호를 정해 준다",
    "{name} has no {names}, which {english} text needs": "{name}: {english} 글에 필요한 {names} 파일이 없다",
    "install {english} for TeX: {install}": "TeX에 {english} 글을 위한 것을 설치한다: {install}",
    "PDF: {name} made no page": "PDF: {name}에서 문서를 만들지 못했다",
    "PDF: {name} could not set the document (exit code {status}, {at:at} of the .tex); -o FILE.tex writes its source": ""
    "PDF: {name}에서 문서를 만들지 못했다 (종료 코드 {status}, .tex의 {at}). -o FILE.tex로 소스를 저장할 수 있다",
    "PDF: {name} could not set the document (exit code {status}); -o FILE.tex writes its source": ""
    "PDF: {name}에서 문서를 만들지 못했다 (종료 코드 {status}). -o FILE.tex로 소스를 저장할 수 있다",
    "PDF: {name} could not set the document ({reason}, {at:at} of the .tex); -o FILE.tex writes its source": ""
    "PDF: {name}에서 문서를 만들지 못했다 ({reason}, .tex의 {at}). -o FILE.tex로 소스를 저장할 수 있다",
    "PDF: {name} could not set the document ({reason}); -o FILE.tex writes its source": ""
    "PDF: {name}에서 문서를 만들지 못했다 ({reason}). -o FILE.tex로 소스를 저장할 수 있다",
    "SVG of a document needs Typst; install it with: pip install 'symback[pdf]'": ""
    "문서를 SVG로 만들려면 Typst가 필요하다. 다음으로 설치한다: pip install 'symback[pdf]'",
    "Typst refuses the page: {splitlines}": "Typst에서 문서를 받아들이지 않았다: {splitlines}",
    "Typst gave no single picture of the page": "Typst에서 문서의 그림을 하나로 만들지 못했다",
    "the accent {kind} is not known{hint:hint}": "알려지지 않은 악센트: {kind}{hint}",
    "the color {name} is not known{hint:hint}; known: {names}": ""
    "알려지지 않은 색: {name}{hint}. 쓸 수 있는 색: {names}",
    "there is no level {level}{hint:hint}; known: {names}": "없는 수준: {level}{hint}. 쓸 수 있는 수준: {names}",
    "there is no graph of {graph}{hint:hint}; known: {names}": "없는 그래프: {graph}{hint}. 쓸 수 있는 그래프: {names}",
    "there is no style {style}{hint:hint}; known: {names}": "없는 양식: {style}{hint}. 쓸 수 있는 양식: {names}",
    "a plot needs matplotlib: pip install 'symback[plot]'": ""
    "그래프를 그리려면 matplotlib이 필요하다: pip install 'symback[plot]'",
    "{name}: no derivation for one example ({problem:said})": "{name}: 예 하나에 대한 유도가 없다 ({problem})",
    "{name} of {first} has the shape {shape}": "{first}의 {name}: 형상은 {shape}이다",
    "{name} is a function of several numbers; a graph shows functions of one number": ""
    "{name}: 수 여러 개의 함수이다. 그래프는 수 하나의 함수를 보인다",
    "answers are {names:items}, not {answers}{hint:hint}": ""
    "answers의 값은 {names} 가운데 하나이다. 주어진 것: {answers}{hint}",
    "at least one sheet is made, not {variants}": "문제지는 한 장 이상 만든다. 주어진 수: {variants}",
    "nothing is left blank: this lesson has no formulas for {names}; choose among {names2}": ""
    "빈칸이 하나도 없다. 이 문서에는 다음 종류의 식이 없다: {names}. 다음 가운데에서 고른다: {names2}",
    "nothing is left blank; choose among {names}": "빈칸이 하나도 없다. 다음 가운데에서 고른다: {names}",
    "no pleasant numbers were found for sheet {value}: every draw left a sum beyond {largest_sum}, or an argument within {from_kink} of a kink": ""
    "문제지 {value}: 알맞은 수를 찾지 못했다. 뽑을 때마다 합이 {largest_sum}보다 크거나, 함수에 넣는 값과 꺾이는 점 사이의 거리가 {from_kink}보다 작았다",
    # engine
    "no formula has the derivative of {name}({names}) with respect to {order}: differentiate with respect to the others, with {order2} a constant or an input": ""
    "{name}({names})의 {order}에 대한 도함수를 나타내는 식이 없다. {order2}의 값을 상수나 입력으로 두고 다른 변수에 대하여 미분한다",
    "{what:said}: an index is read twice, along a diagonal, which has no slice": ""
    "{what}: 한 첨자를 대각선을 따라 두 번 읽으므로 슬라이스로 쓸 수 없다",
    "{what:said}: the entry at {read} is neither a whole axis, a constant, a slice nor a window": ""
    "{what}: {read}의 원소는 축 전체도, 상수도, 슬라이스도, 창도 아니다",
    "the derivative of {name} is a second derivative; it is not derived here": ""
    "{name}의 도함수는 이계 도함수이므로 여기에서는 유도하지 않는다",
    "no value for {name} in {node}": "{node}에 있는 {name}의 값이 없다",
    "the local derivative of {call} has no formula of entries; its gradient is derived where {name} has an equation of its own": ""
    "{call}의 국소 도함수는 원소의 식으로 쓸 수 없다. {name}의 식을 따로 두면 기울기를 유도할 수 있다",
    "the differential of {name} does not fulfil the equations of {name2}, so nothing is derived from it": ""
    "{name}의 미분이 {name2}의 방정식을 만족하지 않으므로, 이 미분에서는 아무것도 유도하지 않는다",
    "the size {size} has no value": "크기 {size}의 값이 없다",
    "{label} has no value": "{label}의 값이 없다",
    "{name} is an undefined function; it has no values": "{name}: 정의되지 않은 함수이므로 값이 없다",
    "no array operation for {name} in {node}": "{node}에 있는 {name}에 맞는 배열 연산이 없다",
    "no array operation compares the indices in {node}": "{node}에서 첨자를 비교하는 배열 연산이 없다",
    "no array operation reads {node} at {reads}": "{reads}에서 {node}의 값을 읽는 배열 연산이 없다",
    "no array operation reads an axis at {read}": "{read}에서 축을 읽는 배열 연산이 없다",
    "{what:said}: the derivative was found in index notation but no array formula could be proved equal to it; the nearest was {result}": ""
    "{what}: 도함수를 첨자로는 구했지만, 같다고 증명되는 배열의 식을 찾지 못했다. 가장 가까운 식: {result}",
    "{name} is undefined, its derivative stays {name2}'": ""
    "{name}: 정의되지 않은 함수이므로 도함수를 {name2}'인 채로 둔다",
    # functions
    "there is a function called {name} already": "이미 있는 함수의 이름이다: {name}",
    "softplus: beta is a positive number, got {beta}": "softplus: beta의 값은 양수이어야 하지만 {beta}이다",
    "gelu: approximate is 'none' or 'tanh', not {approximate}": ""
    "gelu: approximate의 값은 'none' 또는 'tanh'이어야 하지만 {approximate}이다",
    "in glu: axis {axis} is out of range for an array with {ndim} axes": ""
    "glu: 축이 {ndim}개인 배열에서 {axis}번 축은 범위를 벗어난다",
    "in glu: the axis to halve has {length} entries in {z} of shape {shape}; it must be even": ""
    "glu: 반으로 나눌 축의 원소가 {length}개이다. {z}의 형상은 {shape}이며, 이 수는 짝수이어야 한다",
    "{what:said} is an integer, at least {least}; got {value}": ""
    "{what}: {least} 이상의 정수이어야 한다. 주어진 것: {value}",
    "{what:said} is an integer or {rank} of them, at least {least}; got {value}": ""
    "{what}: {least} 이상의 정수 하나 또는 {rank}개이어야 한다. 주어진 것: {value}",
    "in {what:said}: {x} has shape {shape}; the axes are ({axes})": ""
    "{what}: {x}의 형상은 {shape}이지만, 축은 ({axes})이어야 한다",
    "in {what:said}: a window of {size} entries with dilation {dilation} is longer than the axis of {length} (padding included) of {x}": ""
    "{what}: 간격(dilation) {dilation}인 원소 {size}개의 창이 {length}의 축보다 길다. 축의 길이는 채우기(padding)를 더하여 {x}이다",
    "in {what:said}: a window of {size} entries is longer than the axis of {length} (padding included) of {x}": ""
    "{what}: 원소 {size}개의 창이 {length}의 축보다 길다. 축의 길이는 채우기(padding)를 더하여 {x}이다",
    "{what:said}: padding='same' needs stride 1, got {strides}": ""
    "{what}: padding='same'에서는 stride의 값이 1이어야 하지만 {strides}이다",
    "{what:said}: padding is 'same', 'valid' or a number, not {padding}": ""
    "{what}: padding의 값은 'same', 'valid' 또는 수이어야 하지만 {padding}이다",
    "in conv{rank}d: the weight {weight} has shape {shape}, expected {value} axes: (channels out, channels in, window)": ""
    "conv{rank}d: 가중치 {weight}의 형상은 {shape}이지만, 축이 {value}개이어야 한다: (출력 채널, 입력 채널, 창)",
    "in conv_transpose{rank}d: the weight {weight} has shape {shape}, expected {value} axes: "
    "(channels in, channels out, window)": ""
    "conv_transpose{rank}d: 가중치 {weight}의 형상은 {shape}이지만, 축이 {value}개이어야 한다: (입력 채널, 출력 채널, 창)",
    "in conv_transpose{rank}d: {input} of shape {shape} and the weight {weight} of shape {shape2} do not fit together "
    "with groups={count}": ""
    "conv_transpose{rank}d: groups={count}일 때 {input}의 형상 {shape}, 가중치 {weight}의 형상 {shape2}의 배열은 서로 맞지 않는다",
    "in bilinear: {input1} of shape {shape}, {input2} of shape {shape2} and the weight {weight} of shape {shape3} "
    "do not fit together": ""
    "bilinear: {input1}의 형상 {shape}, {input2}의 형상 {shape2}, 가중치 {weight}의 형상 {shape3}의 배열은 서로 맞지 않는다",
    "in conv{rank}d: the window of the weight {weight} has the symbolic shape {shape}": ""
    "conv{rank}d: 가중치 {weight}의 창의 크기가 기호이다. 창의 형상: {shape}",
    "in conv{rank}d: {input} of shape {shape} and the weight {weight} of shape {shape2} do not fit together with groups={count}": ""
    "conv{rank}d: groups={count}일 때 {input}의 형상 {shape}, 가중치 {weight}의 형상 {shape2}의 배열은 서로 맞지 않는다",
    "in {what:said}: {values} has shape {shape}, expected one value per channel, {value}": ""
    "{what}: {values}의 형상은 {shape}이지만, 채널마다 값이 하나이어야 한다: {value}",
    "{what:said}: ceil_mode=True is not supported; windows lie wholly inside the padded array": ""
    "{what}: ceil_mode=True는 쓸 수 없다. 창은 채운 배열 안에 완전히 들어간다",
    "{what:said}: padding {padding} is more than half of the kernel_size {kernel_size}": ""
    "{what}: padding의 값 {padding}: kernel_size {kernel_size}의 절반보다 크다",
    "in layer_norm: normalized_shape {shape} is not the end of the shape of {input}, {shape2}": ""
    "layer_norm: normalized_shape {shape}: {input}의 형상 {shape2}의 끝부분이 아니다",
    "in layer_norm: {values} has shape {shape}, expected {shape2}": ""
    "layer_norm: {values}의 형상은 {shape}이지만 맞는 형상은 {shape2}이다",
    "in batch_norm: {input} has shape {shape}; the axes are (batch, channel, …)": ""
    "batch_norm: {input}의 형상은 {shape}이지만, 축은 (배치, 채널, …)이어야 한다",
    "batch_norm outside training needs running_mean and running_var; say training=True": ""
    "학습이 아닐 때의 batch_norm에는 running_mean과 running_var가 필요하다. 학습일 때는 training=True라고 쓴다",
    "in embedding: the table {weight} has shape {shape}, expected (rows, width)": ""
    "embedding: 표 {weight}의 형상은 {shape}이지만 (행, 폭)이어야 한다",
    "in pick: the index {index} of shape {shape} does not choose one entry per row of {x} of shape {shape2}": ""
    "pick: 형상이 {shape}인 첨자 {index}: 형상이 {shape2}인 {x}의 각 행에서 원소 하나를 고르는 것이 아니다",
    "in flatten: axes {start_dim} to {end_dim} are not in {x} of shape {shape}": ""
    "flatten: {start_dim}번부터 {end_dim}번까지의 축이 형상이 {shape}인 {x}에 없다",
    "a loss's reduction is 'mean', 'sum' or 'none', not {reduction}{hint:hint}": ""
    "손실의 reduction은 'mean', 'sum', 'none' 가운데 하나이어야 하지만 {reduction}이다{hint}",
    "in {name}: prediction {prediction} has shape {shape} and target {target} has {shape2}": ""
    "{name}: 예측값 {prediction}의 형상은 {shape}이고, 정답 {target}의 형상은 {shape2}이다",
    "in {name}: the weight has shape {shape}, the losses {shape2}": ""
    "{name}: 가중치의 형상은 {shape}이고, 손실의 형상은 {shape2}이다",
    "in {name}: {option} is not negative, got {made}": "{name}: {option}의 값은 음수가 아니어야 하지만 {made}이다",
    "in {name}: {option} is positive, got {made}": "{name}: {option}의 값은 양수이어야 하지만 {made}이다",
    "in {name}: logits {scores} are a single number; class scores are needed": ""
    "{name}: 로짓 {scores}: 수 하나이다. 클래스마다 점수가 필요하다",
    "in {name}: log-probabilities {scores} are a single number; class scores are needed": ""
    "{name}: 로그 확률 {scores}: 수 하나이다. 클래스마다 점수가 필요하다",
    "in {name}: scores {scores} are a single number; class scores are needed": ""
    "{name}: 점수 {scores}: 수 하나이다. 클래스마다 점수가 필요하다",
    "in {name}: the weight has shape {shape}, expected one per class, {value}": ""
    "{name}: 가중치의 형상은 {shape}이지만, 클래스마다 하나이어야 한다: {value}",
    "a weighted mean needs one weight for each of the {shape} losses, got {shape2}": ""
    "가중 평균에는 손실 {shape}의 원소마다 가중치가 하나씩 필요하다. 주어진 형상: {shape2}",
    "in gaussian_nll: the variance has shape {shape}, the prediction {shape2}": ""
    "gaussian_nll: 분산의 형상은 {shape}이고, 예측값의 형상은 {shape2}이다",
    "in cross_entropy: label_smoothing is between 0 and 1, got {label_smoothing}": ""
    "cross_entropy: label_smoothing의 값은 0과 1 사이이어야 하지만 {label_smoothing}이다",
    "in {name}: ignore_index is for class indices, and the target has one probability per class": ""
    "{name}: ignore_index는 클래스 번호에 쓰는 것이지만, 이 정답에는 클래스마다 확률이 있다",
    "in {name}: the target {target} of shape {shape} holds neither class indices nor probabilities for scores of shape {shape2}": ""
    "{name}: 형상이 {shape}인 정답 {target}: 형상이 {shape2}인 점수에 대한 클래스 번호도 확률도 아니다",
    "in multi_margin: p is 1 or 2, got {p}": "multi_margin: p의 값은 1 또는 2이어야 하지만 {p}이다",
    "in multi_margin: scores of shape (n, classes) and class indices of shape (n,) are needed, got {shape} and {shape2}": ""
    "multi_margin: 형상이 (n, 클래스 수)인 점수와 (n,)인 클래스 번호가 필요하다. 주어진 형상: {shape}, {shape2}",
    "in multilabel_margin: scores and targets have one shape, (n, classes), got {shape} and {shape2}": ""
    "multilabel_margin: 점수와 정답의 형상은 같아야 하며 (n, 클래스 수)이다. 주어진 형상: {shape}, {shape2}",
    "in cosine_embedding: two arrays of shape (n, width) and a target of shape (n,) are needed, got {shape}, {shape2} and {shape3}": ""
    "cosine_embedding: 형상이 (n, 폭)인 배열 둘과 (n,)인 정답이 필요하다. 주어진 형상: {shape}, {shape2}, {shape3}",
    "in triplet_margin: arrays are needed, distances are taken along their last axis": ""
    "triplet_margin: 배열이 필요하다. 거리는 마지막 축을 따라 구한다",
    "in triplet_margin: p is a number of at least 1, got {p}": ""
    "triplet_margin: p의 값은 1 이상의 수이어야 하지만 {p}이다",
    "in {what:said}: {a} has shape {shape}; it takes a matrix; of a batch take one matrix at a time": ""
    "{what}: {a}의 형상은 {shape}이지만 행렬이어야 한다. 배치에서는 행렬을 하나씩 쓴다",
    "in {what:said}: {a} has shape {shape}; it takes a matrix": "{what}: {a}의 형상은 {shape}이지만 행렬이어야 한다",
    "in {what:said}: {a} has shape {shape}; it takes a square matrix": ""
    "{what}: {a}의 형상은 {shape}이지만 정사각행렬이어야 한다",
    "in {what:said}: {a} has shape {shape}; it takes a {kind:said}": ""
    "{what}: {a}의 형상은 {shape}이지만 다음이어야 한다: {kind}",
    "in {what:said}: {a} has shape {shape}, and which of {rows} and {columns} is smaller is not known; say the sizes as numbers": ""
    "{what}: {a}의 형상은 {shape}이며, {rows}, {columns} 가운데 어느 것이 작은지 알 수 없다. 크기를 수로 준다",
    "in {what:said}: {a} has shape {shape}, fewer rows than columns, where the factors have no derivative of this kind; take the transpose": ""
    "{what}: {a}의 형상은 {shape}이다. 행이 열보다 적으면 이 분해에는 도함수가 없다. 전치를 쓴다",
    "in solve: {a} of shape {shape} and {b} of shape {shape2} do not fit together": ""
    "solve: 형상이 {shape}인 {a}, 형상이 {shape2}인 {b}: 서로 맞지 않는다",
    "the derivative of matrix_exp({a}) needs a number for the size of the matrix, which is {length}": ""
    "matrix_exp({a})의 도함수에는 행렬의 크기를 나타내는 수가 필요하지만, 크기가 {length}이다",
    "diag takes a vector or a square matrix, not an array of shape {shape}": ""
    "diag에는 벡터나 정사각행렬을 준다. 주어진 배열의 형상: {shape}",
    "matrix_power({a}, {exponent}): the exponent is a whole number": ""
    "matrix_power({a}, {exponent}): 지수는 정수이어야 한다",
    "matrix_power({a}, {count}): the exponent is at most {largest_power}": ""
    "matrix_power({a}, {count}): 지수는 {largest_power} 이하이어야 한다",
    "in kron: shapes {shape} and {shape2}; it takes two vectors or two matrices": ""
    "kron: 형상 {shape}, {shape2}: 벡터 둘이나 행렬 둘이 필요하다",
    "in kron: shapes {shape} and {shape2}; it needs numbers for its sizes": ""
    "kron: 형상 {shape}, {shape2}: 크기가 수이어야 한다",
    "a matrix has no norm of order {order}; those of numpy.linalg.norm are known": ""
    "행렬에는 {order}차 노름이 없다. numpy.linalg.norm의 노름을 쓸 수 있다",
    "a vector has no norm of order {order} with a derivative": "벡터의 {order}차 노름에는 도함수가 없다",
    "there is a row called {name} already": "이미 있는 행의 이름이다: {name}",
    "clip needs a bound": "clip에는 경계가 하나 이상 필요하다",
    "{name} is an unknown function of arrays; its second derivative has no name here": ""
    "{name}: 알려지지 않은 배열 함수이므로, 이계 도함수를 나타내는 이름이 없다",
    "{name} is an unknown function of arrays, so it has no values; derive(net, upstream={{'Z': 'G'}}) takes the gradient in its argument as an array of its own": ""
    "{name}: 알려지지 않은 배열 함수이므로 값이 없다. derive(net, upstream={{'Z': 'G'}})로 그 변수에 대한 기울기를 따로 배열로 받을 수 있다",
    # marking
    "the vector 1 stands in a product, as 1^T X": "벡터 1은 1^T X처럼 곱 안에 쓴다",
    "the vector 1 is multiplied with itself": "벡터 1을 자기 자신과 곱했다",
    "the vector 1 stands transposed on the left, as 1^T X": "벡터 1은 1^T X처럼 전치하여 왼쪽에 쓴다",
    "∂{of}/∂{by} is an array of all pairs of entries; write the factor itself": ""
    "∂{of}/∂{by}: 원소의 모든 쌍에 대한 배열이다. 인수 자체를 쓴다",
    "{function} takes one argument": "{function}의 인수는 하나이다",
    "write the derivative of {function} out": "{function}의 도함수를 풀어 쓴다",
    "{name} has no derivative entry by entry; its derivatives form a Jacobian": ""
    "{name}: 원소마다의 도함수가 없다. 도함수는 야코비 행렬을 이룬다",
    "where takes a condition and two values": "where에는 조건 하나와 값 둘을 준다",
    "{text} is not a name": "{text}: 이름이 아니다",
    "the end is not a name": "이름이 있어야 할 곳에서 식이 끝난다",
    "{key} is not a name of this network{hint:hint}": "{key}: 이 신경망의 이름이 아니다{hint}",
    "the formula has {count} characters; at most {longest} are read": "식이 {count}자이다. {longest}자까지 읽는다",
    "the answer {text}, at character {place}: {message:said}": "답 {text}, {place}번째 글자: {message}",
    "{text} is expected, not {shown:said}": "{text}: 여기에 필요하다. 쓴 것은 {shown}이다",
    "{text} is expected, but the formula ends": "{text}: 여기에 필요하지만 식이 끝난다",
    "an axis is a small integer": "축은 작은 정수로 쓴다",
    "the left side is to be a derivative, as d{wrt}": "왼쪽에는 d{wrt}처럼 도함수를 쓴다",
    "the derivative with respect to {of} is asked for, not to {found}": ""
    "{of}에 대한 도함수를 묻는 문제이다. 쓴 것은 {found}에 대한 도함수이다",
    "write an equation, as dW = ...": "dW = ...처럼 등식을 쓴다",
    "write one formula, not a chain of equal ones": "등호로 여럿을 이어 쓰지 말고 식 하나를 쓴다",
    "{text} is not understood here": "{text}: 여기에서는 뜻을 알 수 없다",
    "the vector 1 alone is no derivative": "벡터 1만으로는 도함수가 아니다",
    "the formula is nested too deeply": "식이 너무 깊이 겹쳐 있다",
    "single entries, as {text}[...], are not read": "{text}[...]처럼 원소 하나를 가리키는 식은 읽지 않는다",
    "a prime belongs to a function, as in \\sigma'(z)": "프라임(')은 \\sigma'(z)처럼 함수에 붙인다",
    "the exponent is too large": "지수가 너무 크다",
    "sums over indices are not read; write 1^T X, or sum(X, axis=0)": ""
    "첨자에 대한 합은 읽지 않는다. 1^T X 또는 sum(X, axis=0)처럼 쓴다",
    "the formula ends too early": "식이 너무 일찍 끝난다",
    "the number is too long": "수가 너무 길다",
    "{word} needs an argument": "{word}에는 인수가 필요하다",
    "second derivatives of functions are not read": "함수의 이계 도함수는 읽지 않는다",
    "{word} takes no {keywords}": "{word}에 쓸 수 없는 옵션: {keywords}",
    ".{name} is not known; known are .T, .sum(axis=...), .mean(axis=...), .dot(...)": ""
    ".{name}: 알려지지 않은 것이다. 쓸 수 있는 것: .T, .sum(axis=...), .mean(axis=...), .dot(...)",
    "two arguments are needed": "인수가 두 개 필요하다",
    "--claim {name}={variable}: there is no {variable2} in the forward pass{hint:hint}": ""
    "--claim {name}={variable}: 순전파에 없는 이름: {variable2}{hint}",
    "--claim {missing}={value}: there is no {missing2} in the code{hint:hint}": ""
    "--claim {missing}={value}: 코드에 없는 이름: {missing2}{hint}",
    "no hand-written gradient was found: names such as {listed:items} are looked for; {names:items} could not be matched to a name of the forward pass; say which it is by claims= (--claim NAME=VARIABLE)": ""
    "손으로 쓴 기울기를 찾지 못했다. {listed} 같은 이름을 찾는다. 순전파의 이름과 짝지을 수 없었던 것: {names}. claims= (--claim 이름=변수) 옵션으로 정한다",
    "no hand-written gradient was found: names such as {listed:items} are looked for; say which it is by claims= (--claim NAME=VARIABLE)": ""
    "손으로 쓴 기울기를 찾지 못했다. {listed} 같은 이름을 찾는다. claims= (--claim 이름=변수) 옵션으로 정한다",
    "no hand-written gradient was found in the run: nothing is called one (dW1, grads['W1'], W1_grad), and no update subtracts one; --claim NAME=VARIABLE says what a name means": ""
    "실행에서 손으로 쓴 기울기를 찾지 못했다. 기울기 이름(dW1, grads['W1'], W1_grad)도 없고 갱신에서 빼는 것도 없다. 이름의 뜻은 --claim 이름=변수 옵션으로 정한다",
    "the run was ended after {cut}, before there was a gradient to compare": ""
    "비교할 기울기가 나오기 전에 실행을 끝냈다. 한도: {cut}",
    "the file was executed and ended: it takes longer than {seconds} seconds (--seconds)": ""
    "파일을 실행하다가 끝냈다. {seconds}초보다 오래 걸린다 (--seconds)",
    "the file ended its process itself, with code {code}, or needed more than {megabytes} megabytes of memory": ""
    "파일이 스스로 프로세스를 끝냈거나 메모리가 {megabytes}MB보다 많이 들었다. 종료 코드: {code}",
    "the file needs more than {megabytes} megabytes of memory": "파일에 메모리가 {megabytes}MB보다 많이 든다",
    "the file was executed, but its results cannot be read": "파일을 실행했지만 그 결과를 읽을 수 없다",
    "a second run with other parameters gives other numbers than the operations that were recorded": ""
    "매개변수를 바꾸어 다시 실행한 값이 기록된 연산의 값과 다르다",
    "a second run with other parameters fails": "매개변수를 바꾸어 다시 실행하니 오류가 났다",
    "there is no other point at which the run would take the same way": "실행이 같은 길을 가는 다른 점이 없다",
    "it is no plain step against a gradient": "갱신이 기울기의 상수배를 빼는 것이 아니다",
    "nothing tells its rate from other factors; give the gradient a name": ""
    "학습률을 다른 인수와 가를 수 없다. 기울기에 이름을 준다",
    "the forward function was called and fails ({error:said})": "순전파 함수를 불렀지만 오류가 났다 ({error})",
    "the functions were called, but no gradient could be compared with finite differences": ""
    "함수를 불렀지만 차분과 비교할 수 있는 기울기가 없었다",
    "give values= or shapes= for {name}, an input of the forward function": ""
    "순전파 함수의 입력 {name}의 값이나 형상을 values= 또는 shapes= 옵션으로 준다",
    "backward returns a gradient of {unknown}, no input of the forward function ({names})": ""
    "backward의 결과에 순전파 함수의 입력이 아닌 것의 기울기가 있다: {unknown} (입력: {names})",
    "backward returns {count} gradients for {count2} inputs": ""
    "backward의 결과는 기울기 {count}개이지만 입력은 {count2}개이다",
    "backward returns neither a dict of gradients nor a tuple in the order of the inputs": ""
    "backward의 결과는 기울기의 딕셔너리이거나 입력 순서대로의 튜플이어야 한다",
    "the {role} function is source text or a function, not a {name}": ""
    "{role} 함수는 소스 텍스트나 함수로 준다. 주어진 것: {name}",
    "the {role} text defines no function": "{role} 텍스트에 함수의 정의가 없다",
    "{named} is not a plain function": "{named}: 평범한 함수가 아니다",
    "several lambdas with the same arguments stand on one line; give them names with def": ""
    "인수가 같은 lambda가 한 줄에 여럿 있다. def로 이름을 붙인다",
    "give values= or shapes= (--set, --shape) for {names:items}, the inputs of the forward function": ""
    "순전파 함수의 입력의 값이나 형상을 values= 또는 shapes= (--set, --shape) 옵션으로 준다: {names}",
    "the forward function returns no array that can be followed": "순전파 함수의 반환값에 따라갈 수 있는 배열이 없다",
    "the cotangent has shape {shape}, the output {shape2}": ""
    "출력에 대한 기울기(cotangent)의 형상은 {shape}이고, 출력의 형상은 {shape2}이다",
    "backward takes {label}, which is no input of the forward function ({names:items})": ""
    "backward의 인수 {label}: 순전파 함수의 입력이 아니다 ({names})",
    "the loss {base} is not finite at any values that were tried, so nothing can be compared": ""
    "시도한 어떤 값에서도 손실 {base}의 값이 유한하지 않으므로 아무것도 비교할 수 없다",
    "the text has {count} assignments; at most {most_assignments} are marked (--cell chooses cells of a notebook)": ""
    "코드에 대입이 {count}개 있다. {most_assignments}개까지 채점한다 (노트북의 셀은 --cell 옵션으로 고른다)",
    "no answer is given; write an equation, as dW = ...": "답이 없다. dW = ...처럼 등식을 쓴다",
    "answers are marked for a derivation, a network or a text, not for {name}": ""
    "답은 유도, 신경망, 텍스트에 대하여 채점한다. 주어진 것: {name}",
    "∂{of}/∂{by} is marked where it is taken entry by entry, along one path; write the derivative of the loss, as d{by2} = ...": ""
    "∂{of}/∂{by}: 원소마다, 길 하나를 따라 구하는 곳에서만 채점한다. d{by2} = ...처럼 손실의 도함수를 쓴다",
    "the derivative of {of} with respect to itself is 1; write that of another name": ""
    "{of}의 자기 자신에 대한 도함수는 1이다. 다른 이름의 도함수를 쓴다",
    "{label} has the shape {shape} in this network": "{label}: 이 신경망에서 형상은 {shape}이다",
    "two values of the size {size} do not fit together": "크기 {size}의 두 값이 서로 맞지 않는다",
    # networks
    "in {text}: the shape of {base} is unknown; use IndexedBase({base2}, shape=...) or shapes=": ""
    "{text}: {base}의 형상을 알 수 없다. IndexedBase({base2}, shape=...) 또는 shapes=로 준다",
    "in {text}: the range of {names} is unknown; give shapes=": "{text}: {names}의 범위를 알 수 없다. shapes=로 준다",
    "in {text}: no array formula was found for it ({error:said})": "{text}: 같은 배열의 식을 찾지 못했다 ({error})",
    "in {text}: {node} has {count} indices, {label} has {ndim} axes": ""
    "{text}: {node}의 첨자는 {count}개인데 {label}의 축은 {ndim}개이다",
    "in {text}: {node} lies outside its axis of length {length}": "{text}: {node}: 길이가 {length}인 축을 벗어난다",
    "in {text}: {node} runs from {ends} to {ends2}, outside its axis of length {length}": ""
    "{text}: {node}의 범위 {ends}부터 {ends2}까지는 길이가 {length}인 축을 벗어난다",
    "in {text}: the sum over {letter} has no limits; say ({letter2}, 1, n)": ""
    "{text}: {letter}에 대한 합에 범위가 없다. ({letter2}, 1, n)처럼 쓴다",
    "in {text}: the sum over {letter} ends at {limit} within its axis; give numbers for its size by shapes=": ""
    "{text}: {letter}에 대한 합이 축의 중간인 {limit}에서 끝난다. 크기를 shapes=에 수로 준다",
    "in {text}: the sum over {letter} runs from {low} to {high}: over nothing": ""
    "{text}: {letter}에 대한 합의 범위 {low}부터 {high}까지에는 아무것도 없다",
    "in {text}: the range of {letter}, from {low} to {high}, is that of no axis": ""
    "{text}: {letter}의 범위 {low}부터 {high}까지와 같은 축이 없다",
    "network([...]) needs at least one equation, the loss": "network([...])에는 식이 하나 이상, 곧 손실이 필요하다",
    "in {text}: the left side has shape {shape}, the right side {shape2}": ""
    "{text}: 왼쪽의 형상은 {shape}, 오른쪽의 형상은 {shape2}이다",
    "values for {names}, which no equation reads": "어떤 식에도 쓰이지 않는 값: {names}",
    "{left} = {right}: the two sides are not matrices of one shape, written out": ""
    "{left} = {right}: 두 변을 풀어 쓰면 형상이 같은 행렬이 아니다",
    "{equation} is not an equation; use sympy.Eq(left, right)": ""
    "{equation}: 등식이 아니다. sympy.Eq(left, right)로 쓴다",
    "the left side of an equation is a symbol, not {left}": "등식의 왼쪽은 기호이어야 한다. 주어진 것: {left}",
    "in {text}: {name} has shape {shape} elsewhere, here {shape2}": ""
    "{text}: {name}의 형상이 다른 곳에서는 {shape}, 여기에서는 {shape2}이다",
    "in {text}: {name} is used before its equation; order the equations": ""
    "{text}: {name}의 식보다 앞에서 그 값을 쓴다. 식의 순서를 바꾼다",
    "in {text}: an axis of length {length} cannot be read; name it by one symbol": ""
    "{text}: 길이가 {length}인 축은 읽을 수 없다. 기호 하나로 이름을 붙인다",
    "in {text}: {name} {e} has no array operation here": "{text}: {name} {e}: 여기에 맞는 배열 연산이 없다",
    "in {text}: the matrix power {e} cannot be read; for an entrywise one use HadamardPower": ""
    "{text}: 행렬의 거듭제곱 {e}: 읽을 수 없다. 원소별 거듭제곱에는 HadamardPower를 쓴다",
    "in {text}: the function {name} is not known{hint:hint}": "{text}: 알려지지 않은 함수: {name}{hint}",
    "in {text}: {name} runs along axis {axis} of an array of shape {shape}, over one entry": ""
    "{text}: {name}: 형상이 {shape}인 배열의 {axis}번 축을 따라가는데, 그 축의 원소는 하나이다",
    "in {text}: the last case of a Piecewise must hold otherwise (True)": ""
    "{text}: Piecewise의 마지막 경우는 그 외의 모든 경우(True)이어야 한다",
    "in {text}: {e} is not a comparison": "{text}: {e}: 비교하는 식이 아니다",
    "in {text}: the Kronecker product {e} needs numbers for its sizes": ""
    "{text}: 크로네커 곱 {e}의 크기는 수이어야 한다",
    "in {text}: the blocks of {e} need numbers for their sizes": "{text}: {e}의 블록의 크기는 수이어야 한다",
    "in {text}: the part {e} needs numbers for its limits": "{text}: 부분 {e}의 범위는 수이어야 한다",
    "{text:said} is not an assumption{hint:hint}; the known ones are {names}": ""
    "{text}: 알려진 조건이 아니다{hint}. 쓸 수 있는 조건: {names}",
    "{assumption} is not an assumption that is used here; the known ones are {names}": ""
    "{assumption}: 여기에서 쓰는 조건이 아니다. 쓸 수 있는 조건: {names}",
    "{layer}: {x} is a single number; an array of features is needed": ""
    "{layer}: {x}의 값이 수 하나이다. 특성의 배열이 필요하다",
    "{layer}: layout is {names:items}, not {layout}{hint:hint}": ""
    "{layer}: layout의 값은 {names} 가운데 하나이어야 하지만 {layout}이다{hint}",
    "{layer}: the rate p is at least 0 and less than 1, got {p}": ""
    "{layer}: 비율 p의 값은 0 이상 1 미만이어야 하지만 {p}이다",
    "{layer}: {what:said} with options is written (name, {{option: value}}), got {choice}": ""
    "{layer}: 옵션이 있는 {what}의 설정은 (이름, {{옵션: 값}})처럼 쓴다. 주어진 것: {choice}",
    "{layer}: there is no {what:said} called {choice}{hint:hint}": "{layer}: {what}에 쓸 수 없는 이름: {choice}{hint}",
    "{layer}: {what:said} is the name of one or a function, not {row}": ""
    "{layer}: {what}의 값은 이름이나 함수이어야 한다. 주어진 것: {row}",
    "{layer}: in the layout 'column' {data} has axes (features, samples), got {shape}": ""
    "{layer}: 배치(layout)가 'column'일 때 {data}의 축은 (특성, 표본)이다. 주어진 형상: {shape}",
    "residual {value}: {data} has shape {shape} and the branch {other} {shape2}; bring them to one shape, for example by a linear layer on the shortcut": ""
    "residual {value}: {data}의 형상은 {shape}, 가지 {other}의 형상은 {shape2}이다. 지름길에 선형층을 두는 것처럼 하여 두 형상을 같게 한다",
    "{layer}: the mask {chosen} has shape {shape}, {data} has {shape2}": ""
    "{layer}: 마스크 {chosen}의 형상은 {shape}, {data}의 형상은 {shape2}이다",
    "{layer}: eps is a number of at least 0, got {value}": "{layer}: eps의 값은 0 이상의 수이어야 하지만 {value}이다",
    "{layer}: {data} has shape {shape}; the axes are (batch, features)": ""
    "{layer}: {data}의 형상은 {shape}이지만, 축은 (배치, 특성)이어야 한다",
    "{layer}: {x} of shape {shape} has not {axes} last axes to normalize over": ""
    "{layer}: 형상이 {shape}인 {x}에는 정규화할 마지막 축이 {axes}개 있지 않다",
    "{layer}: {part} has shape {shape}; the axes are (…, length, features)": ""
    "{layer}: {part}의 형상은 {shape}이지만, 축은 (…, 길이, 특성)이어야 한다",
    "{layer}: keys {shape} and values {shape2} differ in length": ""
    "{layer}: 키 {shape}, 밸류 {shape2}의 길이가 서로 다르다",
    "{layer}: heads is a whole number of at least 1, got {heads}": ""
    "{layer}: heads의 값은 1 이상의 정수이어야 하지만 {heads}이다",
    "{layer}: a width of {width} cannot be split into {heads} heads": ""
    "{layer}: 폭 {width}의 특성을 헤드 {heads}개에 나눌 수 없다",
    "the mask {added} of shape {shape} does not broadcast to the scores of shape {shape2}": ""
    "형상이 {shape}인 마스크 {added}: 형상이 {shape2}인 점수에 브로드캐스트되지 않는다",
    "gates stacked as PyTorch stacks them need a known width, not {width}; use the layout 'row'": ""
    "PyTorch처럼 쌓은 게이트에는 알려진 폭이 필요하지만 폭이 {width}이다. layout='row'를 쓴다",
    "{kind}: depth is a whole number of at least 1, got {depth}": ""
    "{kind}: depth의 값은 1 이상의 정수이어야 하지만 {depth}이다",
    "{kind}: the time steps are Forms of one shape (n, features), at least one": ""
    "{kind}: 시간 단계는 형상이 모두 (n, 특성)인 식(Form)이며, 하나 이상 필요하다",
    "{kind}: {data} has shape {shape}; the axes are (batch, time, features) or (time, features)": ""
    "{kind}: {data}의 형상은 {shape}이지만, 축은 (배치, 시간, 특성) 또는 (시간, 특성)이어야 한다",
    "{kind}: the time axis of {data} has the symbolic size {length}; unrolling needs a number": ""
    "{kind}: {data}의 시간 축의 크기가 기호이다: {length}. 펼치려면 수가 필요하다",
    "{kind}: initial is one Form for h and as many for c: a pair, got {initial}": ""
    "{kind}: initial에는 h의 식(Form) 하나와 c의 식 하나를 쌍으로 준다. 주어진 것: {initial}",
    "{kind}: initial is one Form, got {initial}": "{kind}: initial에는 식(Form) 하나를 준다. 주어진 것: {initial}",
    "{kind}: initial is {count} Forms, one per layer and direction for h and as many for c: a pair, got {initial}": ""
    "{kind}: initial에는 h의 식(Form)을 층과 방향마다 하나씩 {count}개, c의 식도 그만큼 쌍으로 준다. 주어진 것: {initial}",
    "{kind}: initial is {count} Forms, one per layer and direction, got {initial}": ""
    "{kind}: initial에는 식(Form)을 층과 방향마다 하나씩 {count}개 준다. 주어진 것: {initial}",
    "{kind}: the initial state {state} has shape {shape}, expected {shape2}": ""
    "{kind}: 초기 상태 {state}의 형상은 {shape}이지만 맞는 형상은 {shape2}이다",
    "{kind}: gates stacked as PyTorch stacks them need a known width, not {own}; use the layout 'row'": ""
    "{kind}: PyTorch처럼 쌓은 게이트에는 알려진 폭이 필요하지만 폭이 {own}이다. layout='row'를 쓴다",
    "mlp: {value} hidden layer(s) and {count} activations in {hidden}": ""
    "mlp: 은닉층은 {value}개이고 활성화 함수는 {count}개이다: {hidden}",
    "mlp needs a loss": "mlp에는 손실이 필요하다",
    "mlp: sizes counts features from the data to the output, at least two numbers, got {sizes}": ""
    "mlp: sizes는 데이터부터 출력까지 특성의 수이며 두 개 이상이다. 주어진 것: {sizes}",
    "mlp: targets is {names:items}, not {targets}{hint:hint}": ""
    "mlp: targets의 값은 {names} 가운데 하나이어야 하지만 {targets}이다{hint}",
    "mlp: {loss} takes logits and squashes them itself, so output={output} would do it twice; use output=None, or loss={probabilities}": ""
    "mlp: {loss}: 로짓을 받아 스스로 확률로 바꾸므로, output={output}이면 두 번 바꾸게 된다. output=None 또는 loss={probabilities}처럼 쓴다",
    "mlp: {loss} takes logits and squashes them itself, so output={output} would do it twice; use output=None": ""
    "mlp: {loss}: 로짓을 받아 스스로 확률로 바꾸므로, output={output}이면 두 번 바꾸게 된다. output=None이라고 쓴다",
    "SymPy has no expression for {name} of a matrix; build the network with Forms": ""
    "행렬의 {name}: SymPy에 이를 나타내는 식이 없다. 식(Form)으로 신경망을 만든다",
    "the network has no equation; define at least the loss": "신경망에 식이 없다. 적어도 손실을 정의한다",
    "the loss: {label} is an input, not an equation{hint:hint}": "손실: {label}: 식이 아니라 입력이다{hint}",
    "the loss: there is no {label}{hint:hint}": "손실: 없는 이름: {label}{hint}",
    "the loss {label} = {written:said} has shape {shape}, more than one element; take its sum or its mean": ""
    "손실 {label} = {written}의 형상은 {shape}이며 원소가 여럿이다. 합이나 평균을 쓴다",
    "{fixed:said}, and the gradient with respect to {parameter} would miss that": ""
    "{fixed}. {parameter}에 대한 기울기에는 이것이 빠지게 된다",
    "nothing to derive with respect to: the loss does not depend on {names:items}; name variables with wrt=": ""
    "무엇에 대하여 유도할지 알 수 없다. 손실의 값은 다음 변수에 의존하지 않는다: {names}. wrt=로 변수를 정한다",
    "nothing to derive with respect to: the network has no parameter; name variables with wrt=": ""
    "무엇에 대하여 유도할지 알 수 없다. 신경망에 매개변수가 없다. wrt=로 변수를 정한다",
    "wrt: the loss does not depend on {text}": "wrt: 손실의 값은 다음 변수에 의존하지 않는다: {text}",
    "wrt: there is no {text}{hint:hint}": "wrt: 없는 이름: {text}{hint}",
    "a value of type {dtype} is not a real number or an array of them": ""
    "자료형이 {dtype}인 값: 실수나 실수의 배열이 아니다",
    "{name} cannot be a name: use letters, digits and underscores, no Python keyword": ""
    "{name}: 이름으로 쓸 수 없다. 글자, 숫자, 밑줄을 쓰며 Python의 예약어는 쓰지 않는다",
    "{name} is defined twice; each equation gives a new name its value": ""
    "{name}: 두 번 정의되었다. 식마다 새 이름에 값을 준다",
    "in {name} = {made}: {name2} of shape {shape} belongs to another network; here it has shape {shape2}": ""
    "{name} = {made}: 형상이 {shape}인 {name2}: 다른 신경망의 것이다. 여기에서는 형상이 {shape2}이다",
    "in {name} = {made}: {name2} is not known{hint:hint}": "{name} = {made}: 알려지지 않은 이름: {name2}{hint}",
    "there is no scheme {scheme} to start from{hint:hint}; known: {names}": ""
    "초깃값을 정하는 방법에 없는 것: {scheme}{hint}. 쓸 수 있는 방법: {names}",
    "starting values of {label}: the size {size:said} has no number; give it by sizes={{{size2}: …}}": ""
    "{label}의 초깃값: 크기 {size}의 수를 알 수 없다. sizes={{{size2}: …}}로 준다",
    "there is no {name} in this network{hint:hint}": "이 신경망에 없는 이름: {name}{hint}",
    "{label} of shape {text} cannot be {kind:said}; an {kind2:said} matrix is square": ""
    "형상이 {text}인 {label}의 조건은 {kind}일 수 없다. {kind2} 행렬은 정사각행렬이다",
    "{label} of shape {text} cannot be {kind:said}; an {kind2:said} matrix has orthonormal columns, no more than rows": ""
    "형상이 {text}인 {label}의 조건은 {kind}일 수 없다. {kind2} 행렬의 열은 정규직교이며, 열의 수는 행의 수를 넘지 않는다",
    "{label} of shape {text} cannot be {kind:said}; a {kind2:said} matrix is square": ""
    "형상이 {text}인 {label}의 조건은 {kind}일 수 없다. {kind2} 행렬은 정사각행렬이다",
    "{label} of shape {text} cannot be {kind:said}; a {kind2:said} matrix has orthonormal columns, no more than rows": ""
    "형상이 {text}인 {label}의 조건은 {kind}일 수 없다. {kind2} 행렬의 열은 정규직교이며, 열의 수는 행의 수를 넘지 않는다",
    "{label} has no axis {axis} along which it could sum to 1": ""
    "{label}: {axis}번 축이 없으므로 그 축을 따라 합이 1일 수 없다",
    "{label:word} is not {kind:word}: {broken:said}": "{label}: 값이 다음 조건에 맞지 않는다: {kind}. {broken}",
    "{name} has shape {shape}, expected {shape2}": "{name}의 형상은 {shape}이지만 맞는 형상은 {shape2}이다",
    "{name} has shape {shape}, expected {shape2} with {expected} = {known}": ""
    "{name}의 형상은 {shape}이지만 맞는 형상은 {shape2}이다 ({expected} = {known})",
    "an option of {name} is an array, which a SymPy expression cannot hold; build with Forms": ""
    "{name}의 옵션이 배열이므로 SymPy의 식에 담을 수 없다. 식(Form)으로 만든다",
    "upstream= takes the gradient of each output by its name, as {{'Z': 'G'}}": ""
    "upstream=에는 {{'Z': 'G'}}처럼 출력의 이름마다 기울기의 이름을 준다",
    "upstream: there is no {label}{hint:hint}": "upstream: 없는 이름: {label}{hint}",
    "upstream: the gradient of {label} is a name, as {{{label2}: 'G'}}; its numbers are given where it runs": ""
    "upstream: {label}의 기울기는 {{{label2}: 'G'}}처럼 이름으로 준다. 그 수는 실행할 때 준다",
    "upstream: {gradient} is computed by the network; a gradient that is given is an input": ""
    "upstream: {gradient}: 신경망에서 계산되는 값이다. 주어지는 기울기는 입력이어야 한다",
    "upstream: {gradient} has shape {shape}, {label} has shape {shape2}; a gradient has the shape of its variable": ""
    "upstream: {gradient}의 형상은 {shape}, {label}의 형상은 {shape2}이다. 기울기의 형상은 변수의 형상과 같다",
    # page
    "{array}[{names}] is not an entry of this network": "{array}[{names}]: 이 신경망의 원소가 아니다",
    "entries are numbered 'running' or 'layered', not {numbering}": ""
    "원소의 번호를 매기는 방법은 'running' 또는 'layered'이다. 주어진 것: {numbering}",
    "{count} entries are too many to write out (at most {limit}); show one: --only '{wide}[0,0]'": ""
    "원소 {count}개는 모두 풀어 쓰기에 너무 많다({limit}개까지 쓴다). 하나를 본다: --only '{wide}[0,0]'",
    "{unknown} holds indices; entries are written out where their values are known": ""
    "{unknown}: 번호를 담은 배열이다. 원소는 그 값을 알 때 풀어 쓴다",
    "{form} cannot be written out entry by entry: {error:said}": "{form}: 원소마다 풀어 쓸 수 없다. {error}",
    "a formula with more indices than there are letters has no index notation here": ""
    "글자의 수보다 첨자가 많은 식은 첨자로 쓸 수 없다",
    "{given} is none of {names}": "{given}: 다음 가운데 하나가 아니다: {names}",
    "activation is one letter or the name of a Greek one, not {activation}": ""
    "activation의 값은 글자 하나 또는 그리스 글자의 이름이다. 주어진 것: {activation}",
    "derivative is 'auto', 'd' or 'partial', not {derivative}": ""
    "derivative의 값은 'auto', 'd', 'partial' 가운데 하나이다. 주어진 것: {derivative}",
    "the symbol {latex} for {name} cannot be printed: it contains {names}": ""
    "{name}의 기호 {latex}: 쓸 수 없다. 다음이 들어 있다: {names}",
    "the symbol {latex} for {name} cannot be printed: its braces or scripts are not complete": ""
    "{name}의 기호 {latex}: 쓸 수 없다. 괄호나 첨자가 다 갖추어지지 않았다",
    "the symbol {latex} for {name} cannot be printed: \\{unknown} is not among the commands that a symbol may hold{known}": ""
    "{name}의 기호 {latex}: 쓸 수 없다. \\{unknown}: 기호에 쓸 수 있는 명령이 아니다{known}",
    "{name} cannot be printed as {latex}: that is already {kept}": ""
    "{name}: {latex}의 꼴로 쓸 수 없다. 이미 다음 이름의 기호이다: {kept}",
    "no symbol is free for the name {name}": "이름 {name}에 쓸 수 있는 기호가 남아 있지 않다",
    "digits is a number from 1 to 17, not {digits}": "digits의 값은 1부터 17까지의 수이다. 주어진 것: {digits}",
    "a formula holds the number nan": "식에 nan이 들어 있다",
    "there is no view {view:said}{hint:hint}; known: {names}": "없는 보기: {view}{hint}. 쓸 수 있는 보기: {names}",
    "{name} is an undefined function; its values are not known": "{name}: 정의되지 않은 함수이므로 값을 알 수 없다",
    "a line of numbers cannot show {value}": "수를 적는 줄에 보일 수 없는 것: {value}",
    "no index letter is free for a formula with so many indices": "첨자가 너무 많아서 첨자로 쓸 글자가 남아 있지 않다",
    "there is no derivative with respect to {array}{hint:hint}": "다음 변수에 대한 도함수가 없다: {array}{hint}",
    "{name} is not an entry of an array of shape {shape}; entries count from 0": ""
    "{name}: 형상이 {shape}인 배열의 원소가 아니다. 원소는 0부터 센다",
    "{array}[{names}] is not written out; the batch is shown by one row": ""
    "{array}[{names}]: 풀어 쓰지 않는다. 배치는 한 행으로 보인다",
    "there are no words for the language {code}{hint:hint}; known: {known}": ""
    "다음 언어의 말이 없다: {code}{hint}. 쓸 수 있는 언어: {known}",
    # run
    "the step of a difference is a positive number, got {step}": "차분의 간격은 양수이어야 한다. 주어진 것: {step}",
    "a gradient is given for {names:items}, not a name of this network{hint:hint}": ""
    "이 신경망의 이름이 아닌 것에 대한 기울기가 주어졌다: {names}{hint}",
    "the loss {loss} has {size} elements, so it has no gradient": "손실 {loss}의 원소가 {size}개이므로 기울기가 없다",
    "the target {wanted} ({title:said}) cannot hold this network: {program:said}": ""
    "대상 {wanted} ({title}): 이 신경망을 담을 수 없다. {program}",
    "the size {symbol} stands in a formula, but no argument has an axis of that size": ""
    "크기 {symbol}의 값이 식에 쓰이지만, 크기가 그러한 축이 있는 인수가 없다",
    "the derivation has no step for {names:items}": "유도에 다음 변수의 단계가 없다: {names}",
    "{names:items} is missing": "빠진 것: {names}",
    "{names:items} are missing": "빠진 것들: {names}",
    "arguments {names}: {names2:said}": "인수 {names}: {names2}",
    "arguments (none): {names:said}": "인수 (없음): {names}",
    "in {data}: {of:said}": "{data}의 계산: {of}",
    "in {data}: {name} is an undefined function, so it has no values; give it a definition, or use a function of the tables": ""
    "{data}: {name}: 정의되지 않은 함수이므로 값이 없다. 정의를 주거나 표의 함수를 쓴다",
    "{wanted} cannot be a name in code": "{wanted}: 코드에서 이름으로 쓸 수 없다",
    "running the code of the target {name} ({title:said}): Python cannot run it; code(target={name2}) gives the source": ""
    "대상 {name} ({title})의 코드를 실행할 수 없다. Python에서 실행하지 못하는 코드이다. 소스는 code(target={name2})에서 얻는다",
    "running the code of the target {name} ({title:said}): the package {value} is not installed": ""
    "대상 {name} ({title})의 코드를 실행할 수 없다. 설치되지 않은 패키지: {value}",
    "{loss} has no gradient at these values: {error:said}": "{loss}: 이 값에서 기울기가 없다. {error}",
    "{fixed}, and another value would not reach that": "{fixed}. 다른 값을 주어도 거기에는 이르지 않는다",
    "is not an array of real numbers ({error:said})": "실수의 배열이 아니다 ({error})",
    "holds class indices, which are integers": "클래스 번호이며 정수이어야 한다",
    "in {name}: schedule is made by schedule(name, ...), not {name2}": ""
    "{name}: schedule은 schedule(이름, ...)으로 만든다. 주어진 것: {name2}",
    "{name:word} is {domain:said}, not {value}": "{name}의 값은 다음과 같아야 한다: {domain}. 주어진 것: {value}",
    "{name:word} is a number, not {value}": "{name}: 수이어야 한다. 주어진 것: {value}",
    "{label} holds {count} numbers ({names}), not {value}": "{label}: 수 {count}개({names})를 준다. 주어진 것: {value}",
    "there is no {label}{hint:hint}; known: {names}": "없는 이름: {label}{hint}. 쓸 수 있는 이름: {names}",
    "an update changes arrays in place, which the target {target} ({title}) cannot; known: {able}": ""
    "대상 {target} ({title})에서는 갱신하며 배열을 제자리에서 바꿀 수 없다. 쓸 수 있는 대상: {able}",
    "evaluating {loss} at many points: there is no reduction {reduction}; known: {names}": ""
    "여러 점에서 {loss}의 값을 구할 때: 없는 reduction: {reduction}. 쓸 수 있는 것: {names}",
    "evaluating {loss} at many points: name the variables that have one number per point": ""
    "여러 점에서 {loss}의 값을 구할 때: 점마다 수가 하나인 변수의 이름을 준다",
    "evaluating {loss} at many points: {unknown} is not a variable of the network, which has {names:items}": ""
    "여러 점에서 {loss}의 값을 구할 때: {unknown}: 신경망의 변수가 아니다. 신경망의 변수: {names}",
    "evaluating {loss} at many points: {name} has shape {shape}, and points are for networks of single numbers; give the data of an array an axis of its own for them": ""
    "여러 점에서 {loss}의 값을 구할 때: {name}의 형상은 {shape}이지만, 점은 수 하나로 된 신경망에 쓴다. 배열의 데이터에는 점을 위한 축을 따로 둔다",
    "evaluating {loss} at many points: {name} holds class indices, and points are for networks of single numbers; give the data of an array an axis of its own for them": ""
    "여러 점에서 {loss}의 값을 구할 때: {name}: 클래스 번호이지만, 점은 수 하나로 된 신경망에 쓴다. 배열의 데이터에는 점을 위한 축을 따로 둔다",
    "evaluating {loss} at many points: {name} = {form} is no formula of single numbers": ""
    "여러 점에서 {loss}의 값을 구할 때: {name} = {form}: 수 하나의 식이 아니다",
    "batches holds nothing to train on": "batches에 학습할 것이 없다",
    "the number of steps cannot be negative, got {count}": "갱신 횟수는 음수일 수 없다. 주어진 것: {count}",
    "there is no {names:items} to watch{hint:hint}": "지켜볼 수 있는 이름이 아니다: {names}{hint}",
    "an optimizer is made by optimizer(name, ...), not {name}": ""
    "최적화 방법은 optimizer(이름, ...)으로 만든다. 주어진 것: {name}",
    "a learning rate is needed; the code this network was read from has none": ""
    "학습률이 필요하다. 이 신경망을 읽은 코드에는 학습률이 없다",
    "{names:items} is computed by the network, and cannot be updated": ""
    "신경망에서 계산되는 값이므로 갱신할 수 없다: {names}",
    "{names:items} are computed by the network, and cannot be updated": ""
    "신경망에서 계산되는 값들이므로 갱신할 수 없다: {names}",
    "batches is a list or an iterator of batches, not {name}": ""
    "batches에는 배치의 리스트나 반복자를 준다. 주어진 것: {name}",
    "a batch holds {wrong}, which is a parameter{hint:hint}": "배치에 매개변수가 들어 있다: {wrong}{hint}",
    "a batch holds {wrong}, which is not a variable of this network{hint:hint}": ""
    "배치에 이 신경망의 변수가 아닌 것이 들어 있다: {wrong}{hint}",
    "a batch holds {count} arrays, but the data are {listed}; give each batch as a dict of names": ""
    "배치에 배열이 {count}개 있지만 데이터는 다음과 같다: {listed}. 배치마다 이름의 딕셔너리를 준다",
    "a batch holds {count} array, but the data are {listed}; give each batch as a dict of names": ""
    "배치에 배열이 {count}개 있지만 데이터는 다음과 같다: {listed}. 배치마다 이름의 딕셔너리를 준다",
    "{option} {item}: write NAME=NUMBER, as beta1=0.8": "{option} {item}: beta1=0.8처럼 이름=수로 쓴다",
    "there is no function called {name} of this definition": "이 정의에 맞는 함수가 없다: {name}",
    "{a} is given twice": "{a}의 값이 두 번 주어졌다",
    "values are missing for {shapes}": "값이 없는 것: {shapes}",
    "initial(seed) of the network draws some for parameters": "매개변수의 값은 신경망의 initial(seed)로 뽑을 수 있다",
    "{form} holds {value}, but the classes are 0 to {value2} (({form2})[{names}], counted from 0)": ""
    "{form}의 값 {value}: 클래스 번호는 0부터 {value2}까지이다 (({form2})[{names}], 0부터 센다)",
    "{form} holds {value}, but the classes are 0 to {value2} ({label}[{names}], counted from 0)": ""
    "{form}의 값 {value}: 클래스 번호는 0부터 {value2}까지이다 ({label}[{names}], 0부터 센다)",
    "{form} holds {value}, but the classes are 0 to {value2}": ""
    "{form}의 값 {value}: 클래스 번호는 0부터 {value2}까지이다",
    "ignore_index=-100 leaves such entries out": "ignore_index=-100이면 이런 원소를 뺀다",
    "{form} holds {value}, but the {argument:term} of {function} is {words:said} (({form2})[{names}], counted from 0)": ""
    "{form}의 값 {value}: {function}의 {argument}에는 다음이 필요하다: {words} (({form2})[{names}], 0부터 센다)",
    "{form} holds {value}, but the {argument:term} of {function} is {words:said} ({label}[{names}], counted from 0)": ""
    "{form}의 값 {value}: {function}의 {argument}에는 다음이 필요하다: {words} ({label}[{names}], 0부터 센다)",
    "{form} holds {value}, but the {argument:term} of {function} is {words:said}": ""
    "{form}의 값 {value}: {function}의 {argument}에는 다음이 필요하다: {words}",
    "{form}[{value}, :, {value2}] sums to {totals}, but the {argument:term} of {function} is one probability per class, and they sum to 1": ""
    "{form}[{value}, :, {value2}]의 합은 {totals}이지만, {function}의 {argument}에는 클래스마다 확률이 하나씩 있고 그 합은 1이다",
    "{form} sums to {totals}, but the {argument:term} of {function} is one probability per class, and they sum to 1": ""
    "{form}의 합은 {totals}이지만, {function}의 {argument}에는 클래스마다 확률이 하나씩 있고 그 합은 1이다",
    "{name} is {kind:term} ({why:term}), but {value:said}": "{name}의 조건: {kind} ({why}). 그러나 {value}",
    "the formulas hold because each column of {name} sums to 1, but column {row} of the value given sums to {totals}; derive again with these values": ""
    "이 식들은 {name}의 각 열의 합이 1일 때 성립하지만, 주어진 값의 {row}번 열의 합은 {totals}이다. 이 값으로 다시 유도한다",
    "the formulas hold because each row of {name} sums to 1, but row {row} of the value given sums to {totals}; derive again with these values": ""
    "이 식들은 {name}의 각 행의 합이 1일 때 성립하지만, 주어진 값의 {row}번 행의 합은 {totals}이다. 이 값으로 다시 유도한다",
    "{a} needs {b}, which is 0": "{a}: 다음 값이 0이 아니어야 한다: {b}",
    "{a} does not go with {b}": "{a}: {b}의 값과 함께 쓸 수 없다",
    "{label:word} is not positive definite: {broken:said}": "{label}: 값이 양의 정부호가 아니다. {broken}",
    "{label:word} is not symmetric: {broken:said}": "{label}: 값이 대칭이 아니다. {broken}",
    "{label:word} is not diagonal: {broken:said}": "{label}: 값이 대각행렬이 아니다. {broken}",
    "{label:word} is not orthogonal: {broken:said}": "{label}: 값이 직교 행렬이 아니다. {broken}",
    "{label:word} is not positive: {broken:said}": "{label}: 값이 모두 양수인 것은 아니다. {broken}",
    "PDF: {name} is not installed ({install_command}; or, without TeX and browser: pip install 'symback[pdf]')": ""
    "PDF: 설치되지 않았다: {name} ({install_command}, 또는 TeX와 브라우저 없이: pip install 'symback[pdf]')",
    "{n} is not a variable of this network{hint:hint}": "{n}: 이 신경망의 변수가 아니다{hint}",
    "in {kind} of {a}: {error:said}": "{a}의 {kind} 계산: {error}",
}

PHRASES = {
    "--batch {batch}": "--batch {batch} 옵션",
    "--shape {item}": "--shape {item} 옵션",
    "--set {label}": "--set {label} 옵션",
    "in concatenate": "concatenate 계산",
    "in stack": "stack 계산",
    "in an integer-array index": "정수 배열로 쓴 첨자",
    "in windows": "창(windows) 계산",
    "in {name}": "{name}의 계산",
    "in {a} @ {b}": "{a} @ {b}의 계산",
    "in transpose": "transpose 계산",
    "in {kind} of {a}": "{a}의 {kind} 계산",
    "in {a}[{names}]": "{a}[{names}]의 계산",
    "the derivative of {through} with respect to {middle}": "{middle}에 대한 {through}의 도함수",
    "a sum with a negative content": "음수를 포함하는 합",
    "the Jacobian of {of} with respect to {wrt}, of shape {shape}": "{wrt}에 대한 {of}의 야코비 행렬(형상 {shape})",
    "the proof of the gradient of {of}": "{of}의 기울기에 대한 증명",
    "in out = {form}, with respect to {argument}": "out = {form}의 {argument}에 대한 미분",
    "in out = {outer} with {middle} = {inner}, with respect to {argument}": ""
    "out = {outer}, {middle} = {inner}일 때 {argument}에 대한 미분",
    "the differential of {form}": "{form}의 미분",
    "the derivative of {name}": "{name}의 도함수",
    "{kind} at time {t}": "시간 {t}의 {kind}",
    "output activation": "출력층의 활성화 함수",
    "a probability, between 0 and 1": "0과 1 사이의 확률",
    "a class index, or one probability per class with a sum of 1": ""
    "클래스 번호, 또는 클래스마다 하나씩이며 합이 1인 확률",
    "a list of class indices that ends with -1": "-1로 끝나는 클래스 번호의 목록",
    "1 or -1": "1 또는 -1",
    "a count, not negative": "음수가 아닌 개수",
    "not negative": "음수가 아닌 수",
    "True or False": "True 또는 False",
    "at least {low:number}": "{low} 이상",
    "at least {low:number} and less than {below:number}": "{low} 이상 {below} 미만",
    "more than {low:number}": "{low} 초과",
    "more than {low:number} and less than {below:number}": "{low} 초과 {below} 미만",
    "target": "정답",
    "variance": "분산",
    "symmetric": "대칭",
    "diagonal": "대각",
    "orthogonal": "직교",
    "orthonormal": "정규직교",
    "positive": "양수",
    "positive definite": "양의 정부호",
    "declared": "선언된 조건",
    "by construction": "정의에 의해 성립",
    "checked on its values": "값으로 확인",
    "not every {line:term} sums to 1": "합이 1이 아닌 것이 있다 ({line})",
    "row": "행",
    "column": "열",
    "its value is another matrix than its transpose": "값이 전치와 다르다",
    "its value is another matrix than its diagonal": "값에 0이 아닌 비대각 원소가 있다",
    "its value is not symmetric, or an eigenvalue is not positive": "값이 대칭이 아니거나 양수가 아닌 고윳값이 있다",
    "its columns are not orthonormal": "열이 정규직교가 아니다",
    "not every entry of its value is positive": "값에 양수가 아닌 원소가 있다",
    "known: {names}": "쓸 수 있는 것: {names}",
    "a page": "문서",
    "a formula by itself": "식 하나",
    "source code": "소스 코드",
    "lines of text": "텍스트",
    "rows of cells": "표",
    "data": "데이터",
    "the picture of a network": "신경망의 그림",
    "a plot": "그래프",
    "a web page": "웹 문서",
    "a LaTeX document": "LaTeX 문서",
    "a notebook": "노트북",
    "a PDF": "PDF",
    "a vector picture": "벡터 그림",
    "a Typst document": "Typst 문서",
    "a table for spreadsheets": "스프레드시트의 표",
    "a LaTeX formula without delimiters": "구분 기호 없는 LaTeX 식",
    "Python source": "Python 소스",
    "Unicode text": "유니코드 텍스트",
    "a picture in pixels": "픽셀 그림",
    "data for programs": "프로그램을 위한 데이터",
    "a picture for LaTeX": "LaTeX의 그림",
    "NAME=LITERAL": "이름=값",
    "notation": "표기법",
    "optimizer": "최적화 방법",
    "schedule": "일정",
    "NAME=VARIABLE": "이름=변수",
    "NAME=n,2": "이름=n,2",
    "NAME=LATEX": "이름=LATEX",
    "it computes with single numbers, and {found:said}": "수를 하나씩만 계산하는 대상이다. {found}",
    "{name:word} has shape {shape}": "{name}의 형상은 {shape}이다",
    "{name:word} holds a class index": "{name}의 값은 클래스 번호이다",
    "a formula makes an array": "식에서 배열을 만든다",
    "the matrix is not symmetric; take (A + A.T) / 2": "행렬이 대칭이 아니다. (A + A.T) / 2를 쓴다",
    "log det: the determinant is not positive; take the second part of slogdet": ""
    "logdet: 행렬식이 양수가 아니다. slogdet의 둘째 값을 쓴다",
    "pinv: the matrix has not full rank, where its pseudo-inverse jumps and has no derivative": ""
    "pinv: 행렬이 최대 계수가 아니다. 여기에서 유사역행렬은 건너뛰며 도함수가 없다",
    "two eigenvalues or singular values are equal: their vectors have no derivative": ""
    "두 고윳값이나 특잇값이 같다. 그 벡터에는 도함수가 없다",
    "a singular value is 0: its vectors have no derivative": "특잇값이 0이다. 그 벡터에는 도함수가 없다",
    "matrix_exp: an entry of the matrix is not finite": "matrix_exp: 행렬에 유한하지 않은 원소가 있다",
    "the truth of {form} is not known before it is run; use where(condition, a, b) instead of if": ""
    "{form}: 참인지를 실행하기 전에는 알 수 없다. if 대신 where(condition, a, b)를 쓴다",
    "single numbers in plain Python": "평범한 Python, 수 하나씩",
}
"""What stands in places of messages."""
